import { concat } from "../bytes/concat.ts";
import { FrameEncoder } from "../frame_encoder.ts";
import type { Framer } from "../framers/framer.ts";
import { protocolOf, type ProtocolParts } from "../protocol.ts";
import {
  verifyChanges,
  verifyDeliveries,
  verifyEnds,
  verifyLimits,
  verifySharing,
  verifyStreams,
} from "./protocol_checks.ts";
import { type AnyProtocol, decode, sentBytes } from "./protocol_faces.ts";
import { described, fail, type Subject } from "./protocol_subject.ts";
import { equalBytes } from "./verification_failure.ts";

/** A stream and its messages, for {@link verifyProtocol}. */
export interface ProtocolCase<In> {
  /** The expected messages, in order. */
  readonly messages: readonly In[];
  /** Bytes of the stream, strings as UTF-8; default: the messages as the protocol writes them. */
  readonly bytes?: string | Uint8Array;
  /** Class of the error that follows the messages; default: none. */
  readonly error?: abstract new (...parameters: never[]) => Error;
}

/**
 * Verifies that a protocol is correct, or rejects with an error that says what is wrong and how the stream was
 * read. It checks that:
 *
 * - a stream gives the same messages, and the same error after them, whole, byte by byte, cut in two at every
 *   offset, and cut at random, by every reading method of `FrameDecoder`, `FrameReader`, `readFrames`,
 *   `FrameDecoderStream` and `Connection`; `visit` finds the same frames;
 * - messages do not change while more bytes arrive;
 * - the protocol reads what it writes, however much is drained at once, and `Connection.send` sends the same;
 * - a stream that ends at any byte gives complete messages, then `TruncatedFrameError` with the bytes of
 *   the unfinished message, or a clean end; at most one message is cut short by the end;
 * - a limit of the longest message's length accepts it, and a limit of one byte less refuses it with the same
 *   error, however the stream is cut;
 * - `switchTo` in the middle of a message loses nothing, and `detach` returns the bytes of an unfinished one;
 * - two streams that share the protocol do not affect each other.
 *
 * Messages are compared by what they contain: primitive values, bytes, arrays, maps, sets, dates and plain
 * objects.
 *
 * If received and sent messages differ, state the `bytes` of each case; the other direction is the protocol of
 * the peer, to be verified by itself.
 *
 * @param protocol The protocol; a function that creates it if each stream needs one of its own, because its
 * messages depend on earlier ones.
 * @param cases Streams and their messages: cover every kind of message, empty ones, several in a row, and bytes
 * that are refused.
 * @throws {Error} The protocol is incorrect; the message says where.
 * @throws {TypeError} `cases` is empty.
 *
 * @example
 * ```ts
 * import { json, lines, MalformedFrameError, netstring } from "@framewright/framewright";
 * import { verifyProtocol } from "@framewright/framewright/testing";
 *
 * await verifyProtocol({ framer: lines(), codec: json() }, [
 *   { messages: [{ id: 1 }, null, "text"] },
 *   { messages: [1], bytes: "1\r\n" },
 * ]);
 * await verifyProtocol(netstring(), [{ messages: [], bytes: "-1:", error: MalformedFrameError }]);
 * ```
 */
export async function verifyProtocol<In = Uint8Array>(
  protocol: Framer | ProtocolParts<In, never> | (() => Framer | ProtocolParts<In, never>),
  cases: readonly ProtocolCase<In>[],
): Promise<void> {
  if (cases.length === 0) throw new TypeError("Cannot verify protocol: expected at least one case");
  const shared = typeof protocol !== "function";
  const create = (): AnyProtocol => {
    const { onInvalid: _, ...bare } = protocolOf(shared ? protocol : protocol()) as AnyProtocol;
    return bare;
  };
  for (const [number, { messages, bytes, error }] of cases.entries()) {
    const name = `case ${number}`;
    const stream = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes ??
      await written(create, messages, name);
    const original = stream.slice();
    const whole = decode(create(), { how: "whole", chunks: [stream] }, "read()");
    if (error !== undefined && !(whole.error instanceof error)) {
      fail(name, `expected ${error.name} after the messages, not ${whole.error}`, whole.error);
    }
    const text = error && described(whole.error);
    const { ends } = whole;
    const subject: Subject = { name, create, shared, stream, messages, ends, error: text };
    verifyDeliveries(subject);
    verifyEnds(subject);
    verifyLimits(subject);
    verifySharing(subject);
    verifyChanges(subject);
    await verifyStreams(subject);
    if (!equalBytes(stream, original)) fail(name, "the protocol changed the bytes");
  }
}

/** Returns the bytes of messages, as encoders and connections write them. */
async function written(
  create: () => AnyProtocol,
  messages: readonly unknown[],
  name: string,
): Promise<Uint8Array> {
  const protocol = () =>
    ({ ...create(), maxFrameLength: Infinity }) as ProtocolParts<unknown, unknown>;
  const [together, single] = [new FrameEncoder(protocol()), new FrameEncoder(protocol())];
  const parts: Uint8Array[] = [];
  for (const message of messages) {
    together.write(message);
    single.write(message);
    parts.push(concat(single.drain()));
  }
  const stream = concat(together.drain());
  if (!equalBytes(stream, concat(parts))) {
    fail(name, "messages written together differ from messages written one by one");
  }
  if (!equalBytes(stream, await sentBytes(protocol(), messages))) {
    fail(name, "messages that a connection sends differ from messages that an encoder writes");
  }
  return stream;
}
