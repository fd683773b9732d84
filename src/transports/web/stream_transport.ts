import { describe } from "../../bytes/describe.ts";
import { denoConnTransport, isDenoConn } from "../deno/conn.ts";
import { PairTransport } from "./pair_transport.ts";
import type { StreamPair } from "./stream_pair.ts";
import type { Transport } from "../transport.ts";
import { isWorkersSocket, WorkersTransport } from "./workers.ts";

/**
 * Creates a transport over a pair of Web Streams, which it locks. A whole `Deno.Conn` is used by its own
 * calls, so that its directions end independently.
 *
 * Closing or aborting the transport aborts the writable, cancels the readable, and calls `close` of the
 * pair if there is one. That is a reset where the streams have one, as in WebTransport. The streams of a
 * socket or of a process have none: the peer sees an end of the stream.
 *
 * @throws {TypeError} It is not a pair of Web Streams, or one of them is locked already.
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
  if (!isPair(pair)) throw new TypeError(`Cannot create transport: ${mistakeOf(pair)}`);
  return isWorkersSocket(pair) ? new WorkersTransport(pair) : new PairTransport(pair);
}

function isPair(pair: Partial<StreamPair> | null | undefined): boolean {
  return typeof pair?.readable?.getReader === "function" &&
    typeof pair?.writable?.getWriter === "function";
}

function mistakeOf(given: unknown): string {
  const name = describe(given);
  const { pipe, write } = (given ?? {}) as { readonly pipe?: unknown; readonly write?: unknown };
  if (typeof pipe === "function" && typeof write === "function") {
    return `${name} is a stream of Node: use Duplex.toWeb() of node:stream`;
  }
  return `expected a pair of Web Streams { readable, writable }, got ${name}`;
}
