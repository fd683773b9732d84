import { describe } from "../../bytes/describe.ts";
import { denoConnTransport, isDenoConn } from "../deno/conn.ts";
import { PairTransport } from "./pair_transport.ts";
import type { StreamPair } from "./stream_pair.ts";
import type { Transport } from "../transport.ts";
import { isWorkersSocket, WorkersTransport } from "./workers.ts";

/**
 * Creates a transport over a pair of Web Streams, which it locks. If the pair is a `Deno.Conn`, the
 * transport uses its methods instead of its streams, so that its directions end independently.
 *
 * Closing or aborting the transport aborts the writable, cancels the readable, and calls `close` of the
 * pair if there is one. This resets streams that support it, such as those of WebTransport. With streams of
 * a socket or a process the peer sees the end of the stream.
 *
 * @throws {TypeError} The value is not a pair of Web Streams, or one of them is already locked.
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
  if (isDenoConn(pair)) return denoConnTransport(pair);
  if (!isPair(pair)) throw new TypeError(`Cannot create transport: ${reasonOf(pair)}`);
  return isWorkersSocket(pair) ? new WorkersTransport(pair) : new PairTransport(pair);
}

function isPair(pair: Partial<StreamPair> | null | undefined): boolean {
  return typeof pair?.readable?.getReader === "function" &&
    typeof pair?.writable?.getWriter === "function";
}

function reasonOf(given: unknown): string {
  const name = describe(given);
  const { pipe, write } = (given ?? {}) as { readonly pipe?: unknown; readonly write?: unknown };
  if (typeof pipe === "function" && typeof write === "function") {
    return `${name} is a Node stream: use Duplex.toWeb() of node:stream`;
  }
  return `expected a pair of Web Streams { readable, writable }, got ${name}`;
}
