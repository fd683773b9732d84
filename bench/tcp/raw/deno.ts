/**
 * Framing by hand on Deno's sockets: each connection reads into one buffer, and the replies to one read
 * are sent in one write, before the next read.
 *
 * @module
 */

import type { Loop } from "../../memory/by_hand.ts";
import { play, type Role } from "../role.ts";
import { BLOCK, byHand, copyFrame, LARGE, writeLength } from "./by_hand.ts";

/** Connections up to which read buffers are large. */
const FEW = 16;

/** A connection and its output. */
class Socket {
  readonly conn: Deno.Conn;
  #block = new Uint8Array(256);
  #length = 0;
  /** A large payload, to be written after the block without a copy. */
  #large: Uint8Array | undefined;

  constructor(conn: Deno.Conn) {
    this.conn = conn;
  }

  put(payload: Uint8Array): void {
    if (this.#large !== undefined) this.#copyLarge(this.#large);
    if (payload.length < LARGE) {
      this.#reserve(4 + payload.length);
      this.#length = copyFrame(this.#block, this.#length, payload);
    } else {
      this.#reserve(4);
      writeLength(this.#block, this.#length, payload.length);
      this.#length += 4;
      this.#large = payload;
    }
  }

  async flush(): Promise<void> {
    const bytes = this.#block.subarray(0, this.#length);
    const large = this.#large;
    this.#length = 0;
    this.#large = undefined;
    await writeAll(this.conn, bytes);
    if (large !== undefined) await writeAll(this.conn, large);
  }

  /** Consumes what arrives, and flushes after each chunk. */
  async attend(push: Loop, connections: number): Promise<void> {
    const buffer = new Uint8Array(connections > FEW ? 4096 : BLOCK);
    for (let count; (count = await this.conn.read(buffer)) !== null;) {
      push(buffer.subarray(0, count));
      if (this.#length > 0) await this.flush();
    }
    this.conn.close();
  }

  /** Only the last payload can wait outside the block. */
  #copyLarge(payload: Uint8Array): void {
    this.#reserve(payload.length);
    this.#block.set(payload, this.#length);
    this.#length += payload.length;
    this.#large = undefined;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#block.length) return;
    const larger = new Uint8Array(Math.max(needed, Math.min(BLOCK, this.#block.length * 2)));
    larger.set(this.#block.subarray(0, this.#length));
    this.#block = larger;
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = await conn.write(bytes);
  while (written < bytes.length) written += await conn.write(bytes.subarray(written));
}

function started(conn: Deno.TcpConn, attend: (socket: Socket) => Loop, role: Role): Socket {
  conn.setNoDelay(true);
  const socket = new Socket(conn);
  socket.attend(attend(socket), role.connections).catch(() => {});
  return socket;
}

await play(byHand<Socket>({
  put: (socket, payload) => socket.put(payload),
  flush: (socket) => socket.flush(),

  async listen(role, attend) {
    const listener = Deno.listen({ hostname: role.hostname, port: 0, tcpBacklog: 1024 });
    (async () => {
      for await (const conn of listener) started(conn, attend, role);
    })();
    return await Promise.resolve(listener.addr.port);
  },

  async connect(role, attend) {
    const conn = await Deno.connect({ hostname: role.hostname, port: role.port! });
    return started(conn, attend, role);
  },
}));
