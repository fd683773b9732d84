/**
 * The roles on bare sockets. Each runtime has its own `Sockets`; the rest is the same for all.
 *
 * @module
 */

import { type Loop, uint32Loop, type Visit } from "../../memory/by_hand.ts";
import { checkTally, MARK, payloadOf, SinkTally } from "../payload.ts";
import { Rally } from "../rally.ts";
import type { Program, Role, Run } from "../role.ts";

/** Bytes that are collected for one write. */
export const BLOCK = 65_536;
/** Payloads of this length or more are not copied. */
export const LARGE = 8192;

/** The sockets of one runtime, with framing written by hand. */
export interface Sockets<Socket> {
  /** Listens. `attend` returns what consumes the chunks of a new connection. Returns the port. */
  listen(role: Role, attend: (socket: Socket) => Loop): Promise<number>;
  /** Connects. What was put while a chunk was consumed is flushed after it. */
  connect(role: Role, attend: (socket: Socket) => Loop): Promise<Socket>;
  /** Appends a frame to the output. */
  put(socket: Socket, payload: Uint8Array): void;
  /** Writes the output. Returns a promise if the caller must wait before it puts more. */
  flush(socket: Socket): Promise<void> | undefined;
}

/** Writes a length in four bytes. */
export function writeLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 24;
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
}

/** Copies a frame to a block. Returns the position after it. */
export function copyFrame(block: Uint8Array, at: number, payload: Uint8Array): number {
  writeLength(block, at, payload.length);
  block.set(payload, at + 4);
  return at + 4 + payload.length;
}

/** Makes the program of a runtime. */
export function byHand<Socket>(sockets: Sockets<Socket>): Program {
  const { put, flush } = sockets;

  /** Sends bursts until the deadline. Returns the number of messages. */
  async function send(socket: Socket, payload: Uint8Array, milliseconds: number): Promise<number> {
    const burst = Math.max(1, Math.floor(BLOCK / (4 + payload.length)));
    const deadline = performance.now() + milliseconds;
    let messages = 0;
    while (performance.now() < deadline) {
      for (let count = 0; count < burst; count++) put(socket, payload);
      messages += burst;
      const flushed = flush(socket);
      if (flushed !== undefined) await flushed;
    }
    return messages;
  }

  return {
    serve: (role) =>
      sockets.listen(role, (socket) => {
        const tally = new SinkTally();
        const visit: Visit = role.name === "echo"
          ? (bytes, start, end) => put(socket, bytes.subarray(start, end))
          : (bytes, start, end) => {
            const answer = tally.add(bytes, start, end);
            if (answer !== undefined) put(socket, answer);
          };
        return uint32Loop(visit);
      }),

    async pingPong(role): Promise<Run> {
      const payload = payloadOf(role.size);
      const rally = new Rally(role.connections);
      const all: Socket[] = [];
      for (let index = 0; index < role.connections; index++) {
        const attend = (socket: Socket) =>
          uint32Loop(() => {
            if (rally.again(index)) put(socket, payload);
          });
        all.push(await sockets.connect(role, attend));
      }
      return (milliseconds) =>
        rally.play(milliseconds, () => {
          for (const socket of all) {
            put(socket, payload);
            flush(socket);
          }
        });
    },

    async flood(role): Promise<Run> {
      const payload = payloadOf(role.size);
      let answered = (_: Uint8Array) => {};
      const visit: Visit = (bytes, start, end) => answered(bytes.slice(start, end));
      const socket = await sockets.connect(role, () => uint32Loop(visit));
      return async (milliseconds) => {
        const answer = new Promise<Uint8Array>((resolve) => answered = resolve);
        const messages = await send(socket, payload, milliseconds);
        put(socket, MARK);
        flush(socket);
        checkTally(await answer, payload, messages);
        return { messages };
      };
    },

    async duplex(role): Promise<Run> {
      const payload = payloadOf(role.size);
      let sent = Infinity;
      let received = 0;
      let finish = () => {};
      const visit = () => {
        if (++received === sent) finish();
      };
      const socket = await sockets.connect(role, () => uint32Loop(visit));
      return async (milliseconds) => {
        sent = Infinity;
        received = 0;
        const finished = new Promise<void>((resolve) => finish = resolve);
        sent = await send(socket, payload, milliseconds);
        if (received < sent) await finished;
        return { messages: received };
      };
    },
  };
}
