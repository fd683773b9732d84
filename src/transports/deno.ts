import { coded } from "./coded.ts";
import { addressOf, type DenoAddress, type DenoConn, DenoTransport } from "./deno_transport.ts";
import type { Acceptor, Endpoint, Transport } from "./transport.ts";

// What is used of Deno, so that no runtime's types are needed.
interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
  ref(): void;
  unref(): void;
}
type Place =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number };
declare const Deno: {
  connect(options: Place & { readonly signal: AbortSignal }): Promise<DenoConn>;
  listen(
    options: Place & { readonly reusePort?: boolean; readonly tcpBacklog?: number },
  ): DenoListener;
};

/** So many connections may wait in the kernel to be accepted. */
const BACKLOG = 1024;

/**
 * Milliseconds that a connect goes on which was given up. Deno 2.9 leaves a connection open for ever that
 * is made at the moment its signal comes; one that is made before is closed by whoever gave up.
 */
const GRACE = 1_000;

/** Connects by `Deno.connect`. */
export async function connect(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  signal?.throwIfAborted();
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => timer = setTimeout(() => late.abort(signal!.reason), GRACE);
  signal?.addEventListener("abort", abort);
  try {
    const conn = await Deno.connect({ ...placeOf(endpoint), signal: late.signal });
    return new DenoTransport(conn, endpoint, endpoint.hostname);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Listens by `Deno.listen`. */
// deno-lint-ignore require-await
export async function listen(endpoint: Endpoint): Promise<Acceptor> {
  const place = placeOf(endpoint);
  const { reusePort } = endpoint;
  // Deno 2.9 would end the process.
  if (reusePort && !("listenDatagram" in Deno)) {
    throw coded("ERR_UNSUPPORTED", "reusePort needs `deno run --unstable-net`");
  }
  const listener = Deno.listen(
    place.transport === "unix" ? place : { ...place, reusePort, tcpBacklog: BACKLOG },
  );
  let closed = false;
  return {
    address: addressOf(listener.addr, endpoint),
    async accept() {
      if (closed) return undefined;
      try {
        const conn = await listener.accept();
        return new DenoTransport(conn, endpoint);
      } catch (error) {
        if (closed) return undefined;
        throw error;
      }
    },
    close() {
      if (!closed) listener.close();
      closed = true;
    },
    ref: () => listener.ref(),
    unref: () => listener.unref(),
  };
}

function placeOf({ hostname, port, path }: Endpoint): Place {
  return path === undefined ? { transport: "tcp", hostname, port } : { transport: "unix", path };
}
