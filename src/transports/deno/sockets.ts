import { addressLabel } from "../address.ts";
import { connectionError, Failure, failureOf } from "../connection_error.ts";
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
type Place =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number };
declare const Deno: {
  connect(options: Place & { readonly signal: AbortSignal }): Promise<DenoConn>;
  listen(
    options: Place & { readonly reusePort?: boolean; readonly tcpBacklog?: number },
  ): DenoListener;
};

/** Maximum number of connections that wait in the kernel to be accepted. */
const BACKLOG = 1024;

/**
 * Milliseconds before an aborted connect is cancelled. Deno 2.9 leaves a connection open forever that is
 * made at the moment of the signal; one that is made before that is closed by the caller.
 */
const LATE_CONNECT_GRACE = 1_000;

/** Connects by `Deno.connect`. */
export async function connect(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  signal?.throwIfAborted();
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => timer = setTimeout(() => late.abort(signal!.reason), LATE_CONNECT_GRACE);
  signal?.addEventListener("abort", abort);
  try {
    const conn = await Deno.connect({ ...placeOf(endpoint), signal: late.signal });
    return new DenoTcpTransport(conn, endpoint, endpoint.hostname);
  } catch (error) {
    if (late.signal.aborted) throw late.signal.reason;
    throw connectionError(`Cannot connect to ${addressLabel(endpoint)}`, error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Listens by `Deno.listen`. */
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
          if (closed || isOfOnePeer(failure)) continue;
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
  // Deno 2.9 would end the process.
  if (reusePort && !("listenDatagram" in Deno)) throw connectionError(action, NEEDS_UNSTABLE);
  const place = placeOf(endpoint);
  try {
    return Deno.listen(
      place.transport === "unix" ? place : { ...place, reusePort, tcpBacklog: BACKLOG },
    );
  } catch (error) {
    throw connectionError(action, error);
  }
}

const NEEDS_UNSTABLE: Failure = /* @__PURE__ */ new Failure(
  "unsupported",
  "reusePort needs `deno run --unstable-net`",
);

/**
 * Whether accepting has failed because of the connection that was to be accepted: Deno 2.9 reports a peer
 * that has reset it already as `NotConnected`, and Linux passes on pending errors of its network. The
 * connection is gone, and the next one can be accepted.
 */
function isOfOnePeer({ code }: Failure): boolean {
  return code === "reset" || code === "unreachable" || code === "timedOut";
}

function placeOf({ hostname, port, path }: Endpoint): Place {
  return path === undefined ? { transport: "tcp", hostname, port } : { transport: "unix", path };
}
