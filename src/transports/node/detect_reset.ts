import { TransportFailure } from "../connection_error.ts";
import { nodeVersion } from "./node_version.ts";

/** The members used of a socket of `node:net`. Other streams have no handle. */
export interface HandleSocket {
  readonly writableEnded: boolean;
  readonly _handle?: {
    getpeername?(name: Record<string, unknown>): number;
    readStart(): number;
  } | null;
  readonly _readableState?: { autoDestroy: boolean };
  destroy(): unknown;
}
declare function setImmediate(callback: () => void): void;

/**
 * Detects a reset that was reported as an end. Node 20 and 22 do that if bytes arrived before the reset
 * (libuv#4997, fixed in Node 24). The kernel then no longer reports a peer address. That is also normal
 * after both sides have sent their end: only another read then reveals the error, if there is one.
 */
export function detectReset(socket: HandleSocket, end: (failure?: TransportFailure) => void): void {
  const handle = socket._handle;
  if (typeof handle?.getpeername !== "function") return end();
  if (nodeVersion() >= 24 || handle.getpeername({}) === 0) return end();
  if (!socket.writableEnded) return end(RESET_BY_PEER);
  socket._readableState!.autoDestroy = false;
  handle.readStart();
  // The second callback runs after a full turn of the event loop, and so after the events of that read.
  setImmediate(() => {
    setImmediate(() => {
      end();
      socket.destroy();
    });
  });
}

const RESET_BY_PEER: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "reset",
  "reset by the peer",
);
