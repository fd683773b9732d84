/**
 * Framing by hand on Bun's sockets: one write for the replies to one chunk. The kernel copies what it
 * accepts, so all connections share one buffer; the rest is kept until `drain`.
 *
 * @module
 */

import { play } from "../role.ts";
import { BLOCK, byHand, copyFrame, LARGE, writeLength } from "./by_hand.ts";

interface Socket {
  data: State;
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
  readonly data?: State;
  readonly socket: Handlers;
}
declare const Bun: {
  listen(options: Options): { readonly port: number };
  connect(options: Options): Promise<Socket>;
};

/** The state of a connection. */
interface State {
  push(chunk: Uint8Array): void;
  /** What the kernel has not accepted yet. */
  rest: Uint8Array | undefined;
  drained: (() => void) | undefined;
}

const block = new Uint8Array(BLOCK);
const header = new Uint8Array(4);
let length = 0;

function put(socket: Socket, payload: Uint8Array): void {
  if (payload.length >= LARGE) {
    writeBlock(socket);
    writeLength(header, 0, payload.length);
    write(socket, header);
    return write(socket, payload);
  }
  if (length + 4 + payload.length > BLOCK) writeBlock(socket);
  length = copyFrame(block, length, payload);
}

function writeBlock(socket: Socket): void {
  if (length === 0) return;
  write(socket, block.subarray(0, length));
  length = 0;
}

function write(socket: Socket, bytes: Uint8Array): void {
  const state = socket.data;
  const written = state.rest === undefined ? Math.max(0, socket.write(bytes)) : 0;
  if (written === bytes.length) return;
  const { rest = new Uint8Array() } = state;
  const joined = new Uint8Array(rest.length + bytes.length - written);
  joined.set(rest);
  joined.set(bytes.subarray(written), rest.length);
  state.rest = joined;
}

function flush(socket: Socket): Promise<void> | undefined {
  writeBlock(socket);
  if (socket.data.rest === undefined) return undefined;
  return new Promise((resolve) => socket.data.drained = resolve);
}

const handlers: Handlers = {
  binaryType: "uint8array",
  data(socket, chunk) {
    socket.data.push(chunk);
    writeBlock(socket);
  },
  drain(socket) {
    const state = socket.data;
    if (state.rest === undefined) return;
    const written = Math.max(0, socket.write(state.rest));
    if (written < state.rest.length) {
      state.rest = state.rest.subarray(written);
      return;
    }
    state.rest = undefined;
    state.drained?.();
    state.drained = undefined;
  },
  end: (socket) => socket.shutdown(),
  error: () => {},
};

await play(byHand<Socket>({
  put,
  flush,

  listen({ hostname }, attend) {
    const socket: Handlers = {
      ...handlers,
      open(socket) {
        socket.data = { push: attend(socket), rest: undefined, drained: undefined };
      },
      data(socket, chunk) {
        handlers.data(socket, chunk);
        if (socket.data.rest === undefined) return;
        socket.pause();
        socket.data.drained = () => socket.resume();
      },
    };
    return Promise.resolve(Bun.listen({ hostname, port: 0, allowHalfOpen: true, socket }).port);
  },

  async connect({ hostname, port }, attend) {
    const data: State = { push: () => {}, rest: undefined, drained: undefined };
    const options = { hostname, port: port!, allowHalfOpen: true, data, socket: handlers } as const;
    const socket = await Bun.connect(options);
    data.push = attend(socket);
    return socket;
  },
}));
