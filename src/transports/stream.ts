import type { Transport } from "./transport.ts";

/** Any pair of Web Streams of bytes: a Workers socket, a WebTransport stream. */
export interface StreamPair {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the peer is sent. */
  readonly writable: WritableStream<Uint8Array>;
}

/** Workers lose the connection on one write of more than this (cloudflare/workerd#7074). */
const MOST_PER_WRITE = 65_536;

/**
 * Makes a transport of a pair of Web Streams, which it locks.
 *
 * @throws {TypeError} One of them is locked already.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Connection, lines, streamTransport, text } from "@framewright/framewright";
 *
 * const echo = new TransformStream<Uint8Array, Uint8Array>();
 * const protocol = { framer: lines(), codec: text() };
 * const connection = new Connection(streamTransport(echo), protocol);
 * await connection.send("hello");
 * assert.equal(await connection.receive(), "hello");
 * await connection.close();
 * ```
 */
export function streamTransport(pair: StreamPair): Transport {
  const reader = pair.readable.getReader();
  const writer = pair.writable.getWriter();
  writer.closed.catch(() => {});
  reader.closed.catch(() => {});
  return {
    read: () => reader.read().then(({ value }) => value),
    async write(chunk) {
      for (let at = 0; at < chunk.length; at += MOST_PER_WRITE) {
        await writer.write(chunk.subarray(at, at + MOST_PER_WRITE));
      }
    },
    closeWrite: () => writer.close(),
    close() {
      reader.cancel().catch(() => {});
      writer.abort().catch(() => {});
    },
  };
}
