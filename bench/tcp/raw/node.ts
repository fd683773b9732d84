/**
 * Framing by hand on `node:net`: the replies to one chunk leave in one write, a large payload along
 * with its header by `writev`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import net, { type Socket } from "node:net";
import { uint32Loop } from "../../memory/by_hand.ts";
import { checkTally, MARK, payloadOf, SinkTally, toil } from "../payload.ts";
import { Rally } from "../rally.ts";
import { play, type Program, type Role, type Run } from "../role.ts";

const BLOCK = 65_536;
/** What is as large is not copied. */
const LARGE = 8192;

/** One block for all connections: what is put in leaves within the same call. No byte is written twice. */
let block = Buffer.allocUnsafeSlow(BLOCK);
let from = 0;
let to = 0;

/** Puts a frame behind what will leave. */
function put(socket: Socket, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  if (length >= LARGE) return putLarge(socket, bytes.subarray(start, end));
  if (to + 4 + length > BLOCK) {
    leave(socket);
    block = Buffer.allocUnsafeSlow(BLOCK);
    from = to = 0;
  }
  block[to] = length >>> 24;
  block[to + 1] = length >>> 16;
  block[to + 2] = length >>> 8;
  block[to + 3] = length;
  block.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), to + 4);
  to += 4 + length;
}

function putLarge(socket: Socket, payload: Uint8Array): void {
  leave(socket);
  const header = Buffer.allocUnsafe(4);
  header.writeUInt32BE(payload.length);
  socket.cork();
  socket.write(header);
  socket.write(payload);
  socket.uncork();
}

function leave(socket: Socket): void {
  if (from === to) return;
  socket.write(block.subarray(from, to));
  from = to;
}

function drained(socket: Socket): Promise<void> | undefined {
  if (!socket.writableNeedDrain) return undefined;
  return new Promise((resolve) => socket.once("drain", resolve));
}

function connectTo({ hostname, port }: Role): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port: port!, noDelay: true });
    socket.once("connect", () => resolve(socket)).once("error", reject);
  });
}

const program: Program = {
  serve({ name, hostname, port = 0, reusePort = false, toil: times = 0 }) {
    const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const tally = new SinkTally();
      const push = uint32Loop(
        name === "echo"
          ? (bytes, start, end) => {
            toil(bytes, start, end, times);
            put(socket, bytes, start, end);
          }
          : (bytes, start, end) => {
            const answer = tally.add(bytes, start, end);
            if (answer !== undefined) put(socket, answer, 0, answer.length);
          },
      );
      socket.on("data", (chunk) => {
        push(chunk as Uint8Array);
        leave(socket);
        if (socket.writableNeedDrain) socket.pause();
      });
      socket.on("drain", () => socket.resume());
      socket.on("end", () => socket.end());
      socket.on("error", () => {});
    });
    return new Promise((resolve) =>
      server.listen({ host: hostname, port, reusePort, backlog: 1024 }, () => {
        resolve((server.address() as { port: number }).port);
      })
    );
  },

  async pingPong(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const rally = new Rally(role.connections);
    const sockets: Socket[] = [];
    const send = (socket: Socket) => {
      put(socket, payload, 0, payload.length);
      leave(socket);
    };
    for (let index = 0; index < role.connections; index++) {
      const socket = await connectTo(role);
      const push = uint32Loop(() => rally.again(index) && send(socket));
      socket.on("data", (chunk) => push(chunk as Uint8Array));
      sockets.push(socket);
    }
    return (milliseconds) => rally.play(milliseconds, () => sockets.forEach(send));
  },

  async flood(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const burst = role.size < LARGE ? 64 : 1;
    const socket = await connectTo(role);
    let answered = (_: Uint8Array) => {};
    const push = uint32Loop((bytes, start, end) => answered(bytes.slice(start, end)));
    socket.on("data", (chunk) => push(chunk as Uint8Array));
    return async (milliseconds) => {
      const answer = new Promise<Uint8Array>((resolve) => answered = resolve);
      let messages = 0;
      const deadline = performance.now() + milliseconds;
      while (performance.now() < deadline) {
        for (let index = 0; index < burst; index++) put(socket, payload, 0, payload.length);
        messages += burst;
        const wait = drained(socket);
        if (wait !== undefined) await wait;
      }
      put(socket, MARK, 0, 1);
      leave(socket);
      checkTally(await answer, payload, messages);
      return { messages };
    };
  },

  async duplex(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const socket = await connectTo(role);
    let sent = 0;
    let received = 0;
    let over = () => {};
    const push = uint32Loop(() => void received++);
    socket.on("data", (chunk) => {
      push(chunk as Uint8Array);
      if (received === sent) over();
    });
    return async (milliseconds) => {
      sent = received = 0;
      const deadline = performance.now() + milliseconds;
      while (performance.now() < deadline) {
        for (let index = 0; index < 64; index++) put(socket, payload, 0, payload.length);
        sent += 64;
        const wait = drained(socket);
        if (wait !== undefined) await wait;
      }
      leave(socket);
      if (received < sent) await new Promise<void>((resolve) => over = resolve);
      over = () => {};
      return { messages: received };
    };
  },
};

await play(program);
