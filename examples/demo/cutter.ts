/**
 * A stretch of bad network between client and server: passes on all bytes and both ends of the
 * stream, but cuts what it is given into awkward pieces, with pauses, so that many travel alone.
 *
 * @module
 */

import { setImmediate, setTimeout } from "node:timers/promises";

/** The sizes of the pieces, again and again. */
const AWKWARD = [1, 1, 2, 1, 3, 5, 1000, 1, 1, 7, 4095, 2, 64, 1, 255, 4, 1, 17, 999, 1];

/** What comes in one read of more than `MUCH` bytes is cut coarsely: else it would take minutes. */
const MUCH = 16_384;
const COARSE = 21_841;

/** After so many awkward pieces there is a longer pause. */
const PAUSE_EVERY = 16;

/** A network between a server and its clients. */
export interface Network {
  /** Where clients connect to. */
  readonly port: number;
  /** How many pieces it has cut so far. */
  readonly pieces: number;
  /** Lets nobody in any more. */
  close(): void;
}

/** Listens on a port of its own, and passes every connection on to `port`. */
export function cut(port: number): Network {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let pieces = 0;

  async function pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      for (let at = 0; at < count; pieces++) {
        const size = count > MUCH ? COARSE : AWKWARD[pieces % AWKWARD.length]!;
        const end = Math.min(at + size, count);
        while (at < end) at += await to.write(buffer.subarray(at, end));
        if (count <= MUCH) await (pieces % PAUSE_EVERY === 0 ? setTimeout(1) : setImmediate());
      }
    }
    await to.closeWrite();
  }

  async function join(client: Deno.TcpConn): Promise<void> {
    const ends = [client];
    try {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      ends.push(server);
      for (const end of ends) end.setNoDelay(true);
      await Promise.all([pass(client, server), pass(server, client)]);
    } finally {
      for (const end of ends) end.close();
    }
  }

  async function run(): Promise<void> {
    for await (const client of listener) join(client as Deno.TcpConn).catch(() => {});
  }

  run().catch(() => {});
  return {
    port: listener.addr.port,
    get pieces() {
      return pieces;
    },
    close: () => listener.close(),
  };
}
