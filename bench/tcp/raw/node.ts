/**
 * Framing by hand on `node:net`: one write for the replies to one chunk, and `writev` for a large
 * payload and its header.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import net, { type Socket } from "node:net";
import { play } from "../role.ts";
import { BLOCK, byHand, copyFrame, LARGE } from "./by_hand.ts";

/** One block for all connections, flushed in the call that fills it. No byte is written twice. */
let block = Buffer.allocUnsafeSlow(BLOCK);
let from = 0;
let to = 0;

function put(socket: Socket, payload: Uint8Array): void {
  if (payload.length >= LARGE) return putLarge(socket, payload);
  if (to + 4 + payload.length > BLOCK) {
    write(socket);
    block = Buffer.allocUnsafeSlow(BLOCK);
    from = to = 0;
  }
  to = copyFrame(block, to, payload);
}

function putLarge(socket: Socket, payload: Uint8Array): void {
  write(socket);
  const header = Buffer.allocUnsafe(4);
  header.writeUInt32BE(payload.length);
  socket.cork();
  socket.write(header);
  socket.write(payload);
  socket.uncork();
}

function write(socket: Socket): void {
  if (from === to) return;
  socket.write(block.subarray(from, to));
  from = to;
}

function flush(socket: Socket): Promise<void> | undefined {
  write(socket);
  if (!socket.writableNeedDrain) return undefined;
  return new Promise((resolve) => socket.once("drain", resolve));
}

await play(byHand<Socket>({
  put,
  flush,

  listen({ hostname }, attend) {
    const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const push = attend(socket);
      socket.on("data", (chunk: Uint8Array) => {
        push(chunk);
        write(socket);
        if (socket.writableNeedDrain) socket.pause();
      });
      socket.on("drain", () => socket.resume());
      socket.on("end", () => socket.end());
      socket.on("error", () => {});
    });
    return new Promise((resolve) => {
      server.listen({ host: hostname, port: 0, backlog: 1024 }, () => {
        resolve((server.address() as { port: number }).port);
      });
    });
  },

  connect({ hostname, port }, attend) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: hostname, port: port!, noDelay: true });
      const push = attend(socket);
      socket.on("data", (chunk: Uint8Array) => {
        push(chunk);
        write(socket);
      });
      socket.once("connect", () => resolve(socket)).once("error", reject);
    });
  },
}));
