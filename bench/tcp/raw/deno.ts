/**
 * Framing by hand on Deno's own sockets: reads into one buffer for each connection, and the replies to
 * what one read has brought leave in one write, before the next read.
 *
 * @module
 */

import { uint32Loop, type Visit } from "../../memory/by_hand.ts";
import { checkTally, MARK, payloadOf, SinkTally, toil } from "../payload.ts";
import { Rally } from "../rally.ts";
import { play, type Program, type Role, type Run } from "../role.ts";

const BLOCK = 65_536;
/** What is as large is not copied. */
const LARGE = 8192;
/** With many connections buffers are small. */
const MANY = 16;

/** What will leave over a connection. */
class Outgoing {
  readonly #conn: Deno.Conn;
  #bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(conn: Deno.Conn, size: number) {
    this.#conn = conn;
    this.#bytes = new Uint8Array(size);
  }

  /** Puts a frame behind what will leave. */
  put(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (this.length + 4 + size > this.#bytes.length) this.#grow(this.length + 4 + size);
    const at = this.length;
    writeLength(this.#bytes, at, size);
    this.#bytes.set(
      start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end),
      at + 4,
    );
    this.length = at + 4 + size;
  }

  /** Sends all that was put in. */
  leave(): Promise<void> {
    const bytes = this.#bytes.subarray(0, this.length);
    this.length = 0;
    return write(this.#conn, bytes);
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}

function writeLength(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

async function write(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = await conn.write(bytes);
  while (written < bytes.length) written += await conn.write(bytes.subarray(written));
}

/** Reads a connection to its end, and has what was put in leave after each chunk. */
async function attend(
  conn: Deno.Conn,
  outgoing: Outgoing,
  visit: Visit,
  size: number,
): Promise<void> {
  const push = uint32Loop(visit);
  const buffer = new Uint8Array(size);
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    push(buffer.subarray(0, count));
    if (outgoing.length > 0) await outgoing.leave();
  }
  conn.close();
}

async function connectTo({ hostname, port }: Role): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname, port: port! });
  conn.setNoDelay(true);
  return conn;
}

const program: Program = {
  async serve({ name, hostname, port = 0, reusePort, connections, toil: times = 0 }) {
    const listener = Deno.listen({
      hostname,
      port,
      tcpBacklog: 1024,
      ...reusePort && { reusePort },
    });
    const size = connections > MANY ? 4096 : BLOCK;
    async function accept(): Promise<void> {
      for await (const conn of listener) {
        conn.setNoDelay(true);
        const tally = new SinkTally();
        const outgoing = new Outgoing(conn, name === "echo" ? size : 256);
        const visit: Visit = name === "echo"
          ? (bytes, start, end) => {
            toil(bytes, start, end, times);
            outgoing.put(bytes, start, end);
          }
          : (bytes, start, end) => {
            const answer = tally.add(bytes, start, end);
            if (answer !== undefined) outgoing.put(answer, 0, answer.length);
          };
        attend(conn, outgoing, visit, size).catch(() => {});
      }
    }
    accept();
    return await Promise.resolve((listener.addr as Deno.NetAddr).port);
  },

  async pingPong(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const rally = new Rally(role.connections);
    const size = role.connections > MANY ? 4096 : BLOCK;
    const all: Outgoing[] = [];
    for (let index = 0; index < role.connections; index++) {
      const conn = await connectTo(role);
      const outgoing = new Outgoing(conn, 4 + role.size);
      const visit = () => {
        if (rally.again(index)) outgoing.put(payload, 0, payload.length);
      };
      attend(conn, outgoing, visit, size);
      all.push(outgoing);
    }
    return (milliseconds) =>
      rally.play(milliseconds, () => {
        for (const outgoing of all) {
          outgoing.put(payload, 0, payload.length);
          outgoing.leave();
        }
      });
  },

  async flood(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const conn = await connectTo(role);
    const outgoing = new Outgoing(conn, BLOCK);
    let answered = (_: Uint8Array) => {};
    attend(
      conn,
      new Outgoing(conn, 0),
      (bytes, start, end) => answered(bytes.slice(start, end)),
      4096,
    );
    const header = new Uint8Array(4);
    writeLength(header, 0, payload.length);
    return async (milliseconds) => {
      const answer = new Promise<Uint8Array>((resolve) => answered = resolve);
      let messages = 0;
      const deadline = performance.now() + milliseconds;
      while (performance.now() < deadline) {
        if (payload.length >= LARGE) {
          messages++;
          await write(conn, header);
          await write(conn, payload);
          continue;
        }
        while (outgoing.length + 4 + payload.length <= BLOCK) {
          outgoing.put(payload, 0, payload.length);
          messages++;
        }
        await outgoing.leave();
      }
      outgoing.put(MARK, 0, 1);
      await outgoing.leave();
      checkTally(await answer, payload, messages);
      return { messages };
    };
  },

  async duplex(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const conn = await connectTo(role);
    const outgoing = new Outgoing(conn, BLOCK);
    let sent = 0;
    let received = 0;
    let over = () => {};
    const visit = () => {
      if (++received === sent) over();
    };
    attend(conn, new Outgoing(conn, 0), visit, BLOCK);
    return async (milliseconds) => {
      sent = received = 0;
      const deadline = performance.now() + milliseconds;
      while (performance.now() < deadline) {
        while (outgoing.length + 4 + payload.length <= BLOCK) {
          outgoing.put(payload, 0, payload.length);
          sent++;
        }
        await outgoing.leave();
      }
      if (received < sent) await new Promise<void>((resolve) => over = resolve);
      over = () => {};
      return { messages: received };
    };
  },
};

await play(program);
