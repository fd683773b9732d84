/**
 * Framing by hand on Bun's own sockets: the replies to one chunk leave in one write. Bun copies into
 * the kernel what that takes, so one buffer serves all connections; what the kernel does not take is
 * kept for `drain`.
 *
 * @module
 */

import { uint32Loop } from "../../memory/by_hand.ts";
import { checkTally, MARK, payloadOf, SinkTally, toil } from "../payload.ts";
import { Rally } from "../rally.ts";
import { play, type Program, type Role, type Run } from "../role.ts";

interface Socket {
  data: Peer;
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  shutdown(): void;
}
interface Handlers {
  readonly binaryType: "uint8array";
  open?(socket: Socket): void;
  data(socket: Socket, chunk: Uint8Array): void;
  drain(socket: Socket): void;
  end(socket: Socket): void;
  error(socket: Socket, error: unknown): void;
}
interface Options {
  readonly hostname: string;
  readonly port: number;
  readonly allowHalfOpen: true;
  readonly reusePort?: boolean;
  readonly data?: Peer;
  readonly socket: Handlers;
}
declare const Bun: {
  listen(options: Options): { readonly port: number };
  connect(options: Options): Promise<Socket>;
};

/** What is known of a connection. */
interface Peer {
  push(chunk: Uint8Array): void;
  /** What the kernel has not taken yet. */
  rest: Uint8Array | undefined;
  drained: (() => void) | undefined;
}

const BLOCK = 65_536;
/** What is as large is not copied. */
const LARGE = 8192;
const block = new Uint8Array(BLOCK);
const header = new Uint8Array(4);
let length = 0;

/** Puts a frame behind what will leave. */
function put(socket: Socket, bytes: Uint8Array, start: number, end: number): void {
  const size = end - start;
  if (size >= LARGE) {
    leave(socket);
    writeLength(header, 0, size);
    write(socket, header);
    return write(socket, bytes.subarray(start, end));
  }
  if (length + 4 + size > BLOCK) leave(socket);
  writeLength(block, length, size);
  block.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), length + 4);
  length += 4 + size;
}

function writeLength(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function leave(socket: Socket): void {
  if (length === 0) return;
  write(socket, block.subarray(0, length));
  length = 0;
}

function write(socket: Socket, bytes: Uint8Array): void {
  const peer = socket.data;
  const written = peer.rest === undefined ? Math.max(0, socket.write(bytes)) : 0;
  if (written === bytes.length) return;
  if (peer.rest === undefined) {
    peer.rest = bytes.slice(written);
  } else {
    const joined = new Uint8Array(peer.rest.length + bytes.length);
    joined.set(peer.rest);
    joined.set(bytes, peer.rest.length);
    peer.rest = joined;
  }
}

const handlers: Handlers = {
  binaryType: "uint8array",
  data(socket, chunk) {
    socket.data.push(chunk);
    leave(socket);
  },
  drain(socket) {
    const peer = socket.data;
    if (peer.rest === undefined) return;
    const written = Math.max(0, socket.write(peer.rest));
    if (written < peer.rest.length) {
      peer.rest = peer.rest.subarray(written);
      return;
    }
    peer.rest = undefined;
    peer.drained?.();
    peer.drained = undefined;
  },
  end: (socket) => socket.shutdown(),
  error: () => {},
};

function drained(socket: Socket): Promise<void> | undefined {
  const peer = socket.data;
  if (peer.rest === undefined) return undefined;
  return new Promise((resolve) => peer.drained = resolve);
}

function connectTo({ hostname, port }: Role, push: Peer["push"]): Promise<Socket> {
  const data: Peer = { push, rest: undefined, drained: undefined };
  return Bun.connect({ hostname, port: port!, allowHalfOpen: true, data, socket: handlers });
}

const program: Program = {
  async serve({ name, hostname, port = 0, reusePort = false, toil: times = 0 }) {
    const listener = Bun.listen({
      hostname,
      port,
      reusePort,
      allowHalfOpen: true,
      socket: {
        ...handlers,
        open(socket) {
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
          socket.data = { push, rest: undefined, drained: undefined };
        },
        data(socket, chunk) {
          socket.data.push(chunk);
          leave(socket);
          if (socket.data.rest === undefined) return;
          socket.pause();
          socket.data.drained = () => socket.resume();
        },
      },
    });
    return await Promise.resolve(listener.port);
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
      const push = uint32Loop(() => rally.again(index) && send(sockets[index]!));
      sockets.push(await connectTo(role, push));
    }
    return (milliseconds) => rally.play(milliseconds, () => sockets.forEach(send));
  },

  async flood(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const burst = role.size < LARGE ? 64 : 1;
    let answered = (_: Uint8Array) => {};
    const socket = await connectTo(
      role,
      uint32Loop((bytes, start, end) => answered(bytes.slice(start, end))),
    );
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
    let sent = 0;
    let received = 0;
    let over = () => {};
    const push = uint32Loop(() => void received++);
    const socket = await connectTo(role, (chunk) => {
      push(chunk);
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
