import { ConnectionError } from "../errors.ts";
import { Arrivals } from "./arrivals.ts";
import { connectionError } from "./connection_error.ts";
import type { Acceptor, TlsOptions, Transport } from "./transport.ts";

/** So many connections may be in their handshake, or wait behind it to be accepted. */
const MOST_INSIDE = 256;

/** Milliseconds until the next try to accept, when one has failed. */
const ACCEPT_PAUSE = 100;

/** How a door is made secure. */
export interface TlsAcceptorOptions {
  readonly tls: TlsOptions;
  /** Drops a connection whose handshake takes longer, in milliseconds. */
  readonly timeout: number;
  /** Is told of a connection that came to nothing. */
  readonly refused: (error: unknown) => void;
}

/**
 * A door through which connections come when their TLS handshake is done. Handshakes run side by side, so
 * that a peer who never finishes one keeps nobody else waiting.
 */
export function tlsAcceptor(plain: Acceptor, options: TlsAcceptorOptions): Acceptor {
  const ready = new Arrivals<Transport>();
  const handshaking = new Set<Transport>();
  let inside = 0;
  let closed = false;
  let makeRoom = () => {};

  async function run(): Promise<void> {
    for (;;) {
      try {
        const transport = await plain.accept();
        if (transport === undefined) return ready.end();
        inside++;
        enter(transport);
        if (inside >= MOST_INSIDE) await new Promise<void>((resolve) => makeRoom = resolve);
      } catch (error) {
        options.refused(error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
      }
    }
  }

  async function enter(transport: Transport): Promise<void> {
    handshaking.add(transport);
    try {
      const secured = await handshake(transport, options);
      if (closed) secured.abort();
      else ready.push(secured);
    } catch (error) {
      leave();
      transport.abort();
      options.refused(connectionError("Cannot start TLS", error));
    } finally {
      handshaking.delete(transport);
    }
  }

  function leave(): void {
    inside--;
    makeRoom();
  }

  run();
  return {
    address: plain.address,
    async accept() {
      const transport = await ready.read();
      if (transport !== undefined) leave();
      return transport;
    },
    close() {
      closed = true;
      plain.close();
      ready.end();
      makeRoom();
      for (const transport of [...handshaking, ...ready.clear()]) transport.abort();
    },
    ref: () => plain.ref?.(),
    unref: () => plain.unref?.(),
  };
}

async function handshake(
  transport: Transport,
  { tls, timeout }: TlsAcceptorOptions,
): Promise<Transport> {
  const controller = new AbortController();
  const expire = () => controller.abort(expired(timeout));
  const timer = timeout === Infinity ? undefined : setTimeout(expire, timeout);
  try {
    return await transport.startTls!(tls, controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function expired(timeout: number): ConnectionError {
  return new ConnectionError(
    `Cannot start TLS: no handshake within the handshakeTimeout of ${timeout} ms`,
    { code: "timedOut", timeout: "handshakeTimeout" },
  );
}
