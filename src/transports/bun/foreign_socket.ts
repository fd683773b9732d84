import { hasMethods } from "../../bytes/check_methods.ts";
import { ipAddress } from "../address.ts";
import type { Transport } from "../transport.ts";
import { type BunSocket, handlers } from "./socket.ts";
import { BunTransport } from "./transport.ts";

/** Number of unread bytes from which on the socket is paused. */
const HIGH_WATER_MARK = 65_536;

/** A socket that `Bun.connect` has opened. */
export interface BunClientSocket {
  /** Replaces the handlers of the socket. */
  // deno-lint-ignore no-explicit-any
  reload(options: any): void;
  /** Ends the writable side. */
  shutdown(): void;
  /** Resets the connection. */
  terminate(): void;
}

/** Whether a value is a socket of Bun. */
export function isBunSocket(value: unknown): value is BunClientSocket {
  return hasMethods(value, "reload", "shutdown", "terminate");
}

/**
 * Creates a transport over a socket of `Bun.connect`, whose handlers it replaces.
 *
 * @throws {TypeError} `Bun.listen` has accepted the socket: all of its sockets share their handlers.
 */
export function bunSocketTransport(given: BunClientSocket): Transport {
  const socket = given as unknown as BunSocket & { readonly listener?: unknown };
  if (socket.listener !== undefined) {
    throw new TypeError(
      "Cannot create transport: sockets of Bun.listen share handlers: use listen()",
    );
  }
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const transport = new BunTransport(socket, {
    highWaterMark: HIGH_WATER_MARK,
    localAddress: ipAddress(localAddress, localPort),
    remoteAddress: ipAddress(remoteAddress, remotePort),
  });
  socket.reload({ socket: handlers });
  return transport;
}
