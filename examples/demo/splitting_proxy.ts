/**
 * A TCP proxy that simulates a bad network: it forwards all bytes and both ends of the stream, but
 * splits them into pieces of awkward sizes, with pauses, so that many arrive one by one.
 *
 * @module
 */

import { setImmediate, setTimeout } from "node:timers/promises";

/** Sizes of the pieces in bytes, repeated. */
const AWKWARD_SIZES = [1, 1, 2, 1, 3, 5, 1000, 1, 1, 7, 4095, 2, 64, 1, 255, 4, 1, 17, 999, 1];

/** Reads of more than `LARGE_READ` bytes are split into large pieces: small ones would take minutes. */
const LARGE_READ = 16_384;
const LARGE_PIECE = 21_841;

/** Number of pieces between two longer pauses. */
const PAUSE_EVERY = 16;

/** A running proxy. */
export interface Proxy {
  /** Port for clients. */
  readonly port: number;
  /** Number of pieces forwarded so far. */
  readonly pieces: number;
  /** Stops accepting connections. */
  close(): void;
}

/** Starts a proxy on a free port that forwards each connection to `port`. */
export function startProxy(port: number): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let pieces = 0;

  async function forward(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      for (let at = 0; at < count; pieces++) {
        const size = count > LARGE_READ
          ? LARGE_PIECE
          : AWKWARD_SIZES[pieces % AWKWARD_SIZES.length]!;
        const end = Math.min(at + size, count);
        while (at < end) at += await to.write(buffer.subarray(at, end));
        if (count <= LARGE_READ) {
          await (pieces % PAUSE_EVERY === 0 ? setTimeout(1) : setImmediate());
        }
      }
    }
    await to.closeWrite();
  }

  async function connect(client: Deno.TcpConn): Promise<void> {
    const ends = [client];
    try {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      ends.push(server);
      for (const end of ends) end.setNoDelay(true);
      await Promise.all([forward(client, server), forward(server, client)]);
    } finally {
      for (const end of ends) end.close();
    }
  }

  async function accept(): Promise<void> {
    for await (const client of listener) connect(client as Deno.TcpConn).catch(() => {});
  }

  accept().catch(() => {});
  return {
    port: listener.addr.port,
    get pieces() {
      return pieces;
    },
    close: () => listener.close(),
  };
}
