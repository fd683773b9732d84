import { hasMethods } from "../../bytes/check_methods.ts";
import { describe } from "../../bytes/describe.ts";
import { denoConnTransport, isDenoConn } from "../deno/conn.ts";
import { PairTransport } from "./pair_transport.ts";
import { isOpening, isPair, type OpeningPair, type StreamPair } from "./stream_pair.ts";
import type { Transport } from "../transport.ts";
import { isWorkersSocket, WorkersTransport } from "./workers.ts";

/**
 * Creates a transport over a pair of Web Streams, which it locks, or over one that a promise `opened` resolves
 * to: a `TCPSocket` of Direct Sockets, a `WebSocketStream`. If the pair is a `Deno.Conn`, the
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
export function streamTransport(pair: StreamPair | OpeningPair): Transport {
  if (isDenoConn(pair)) return denoConnTransport(pair);
  if (isPair(pair)) {
    return isWorkersSocket(pair) ? new WorkersTransport(pair) : new PairTransport(pair);
  }
  if (isOpening(pair)) return new PairTransport(pair);
  throw new TypeError(`Cannot create transport: ${reasonOf(pair)}`);
}

/**
 * Returns a transport as it is, or one over a pair of streams.
 *
 * @throws {TypeError} The value is neither, or one of the streams is already locked.
 */
export function transportOf(given: Transport | StreamPair | OpeningPair): Transport {
  return isTransport(given) ? given : streamTransport(given);
}

/** Whether a value is a transport. A `Deno.Conn` has the same methods with other results, and streams. */
function isTransport(value: object): value is Transport {
  return hasMethods(value, "read", "write", "closeWrite") && !("readable" in value);
}

function reasonOf(given: unknown): string {
  const name = describe(given);
  if (hasMethods(given, "pipe", "write")) return `${name} is a Node stream: use duplexTransport()`;
  if (hasMethods(given, "reload", "shutdown")) {
    return `${name} is a socket of Bun: use duplexTransport()`;
  }
  return `expected a pair of Web Streams { readable, writable }, got ${name}`;
}
