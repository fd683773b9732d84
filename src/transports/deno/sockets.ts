import { onAbort } from "../../async/on_abort.ts";
import { addressLabel } from "../address.ts";
import { connectionError, failureOf, TransportFailure } from "../connection_error.ts";
import { DenoTcpTransport } from "./tcp_transport.ts";
import { addressOf, type DenoAddress, type DenoConn } from "./transport.ts";
import type { AcceptedTransport, Acceptor, Endpoint, Transport } from "../transport.ts";

// The members used of Deno.
interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
  ref(): void;
  unref(): void;
}
type Target =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number };
declare const Deno: {
  connect(options: Target & { readonly signal: AbortSignal }): Promise<DenoConn>;
  listen(
    options: Target & { readonly reusePort?: boolean; readonly tcpBacklog?: number },
  ): DenoListener;
};

/** Maximum number of waiting connections in the kernel. */
const BACKLOG = 1024;

/**
 * Grace period in milliseconds before an aborted connect is cancelled. Deno 2.9 never closes a connection
 * that is established at the moment of cancelling; the caller closes one that is established before.
 */
const LATE_CONNECT_GRACE = 1_000;

/** Connects with `Deno.connect`. */
export async function connect(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  signal?.throwIfAborted();
  const cancel = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ignoreAbort = onAbort(signal, () => {
    timer = setTimeout(() => cancel.abort(signal!.reason), LATE_CONNECT_GRACE);
  });
  try {
    const conn = await Deno.connect({ ...targetOf(endpoint), signal: cancel.signal });
    return new DenoTcpTransport(conn, endpoint, endpoint.hostname);
  } catch (error) {
    if (cancel.signal.aborted) throw cancel.signal.reason;
    throw connectionError(`Cannot connect to ${addressLabel(endpoint)}`, error);
  } finally {
    clearTimeout(timer);
    ignoreAbort();
  }
}

/** Listens with `Deno.listen`. */
// deno-lint-ignore require-await
export async function listen(endpoint: Endpoint): Promise<Acceptor<AcceptedTransport>> {
  const listener = start(endpoint);
  let closed = false;
  return {
    address: addressOf(listener.addr, endpoint),
    async accept() {
      while (!closed) {
        try {
          return new DenoTcpTransport(await listener.accept(), endpoint);
        } catch (error) {
          const failure = failureOf(error);
          if (closed || concernsOnePeer(failure)) continue;
          throw connectionError("Cannot accept a connection", failure);
        }
      }
      return undefined;
    },
    close() {
      if (!closed) listener.close();
      closed = true;
    },
    ref: () => listener.ref(),
    unref: () => listener.unref(),
  };
}

function start(endpoint: Endpoint): DenoListener {
  const action = `Cannot listen on ${addressLabel(endpoint)}`;
  const { reusePort } = endpoint;
  // Without the flag, Deno 2.9 would exit.
  if (reusePort && !("listenDatagram" in Deno)) {
    throw connectionError(action, REUSE_PORT_UNSUPPORTED);
  }
  const target = targetOf(endpoint);
  try {
    return Deno.listen(
      target.transport === "unix" ? target : { ...target, reusePort, tcpBacklog: BACKLOG },
    );
  } catch (error) {
    throw connectionError(action, error);
  }
}

const REUSE_PORT_UNSUPPORTED: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "unsupported",
  "reusePort requires `deno run --unstable-net`",
);

/**
 * Whether accepting failed because of a single connection. Deno 2.9 reports one that its peer has already
 * reset as `NotConnected`, and Linux reports pending network errors of the new socket. The next connection
 * can be accepted.
 */
function concernsOnePeer({ code }: TransportFailure): boolean {
  return code === "reset" || code === "unreachable" || code === "timedOut";
}

function targetOf({ hostname, port, path }: Endpoint): Target {
  return path === undefined ? { transport: "tcp", hostname, port } : { transport: "unix", path };
}
