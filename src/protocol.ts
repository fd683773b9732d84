import { checkMethods } from "./bytes/check_methods.ts";
import { isLength } from "./bytes/is_length.ts";
import type { Codec } from "./codecs/codec.ts";
import type { CodecError, FrameTooLargeError, MalformedFrameError } from "./errors.ts";
import type { Framer } from "./framers/framer.ts";

/** Default maximum frame length in bytes: 1 MiB. */
const MAX_FRAME_LENGTH = 1_048_576;

/**
 * How two peers communicate: where frames begin and end, what they mean, and how long they may be. A plain
 * object without state, which client, server, streams and tests can share. Messages other than bytes
 * require a codec.
 *
 * @typeParam In A received message; the frame itself if there is no codec.
 * @typeParam Out A sent message; by default the same type.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, json, lines, type Protocol } from "@framewright/framewright";
 *
 * const orders = {
 *   framer: lines(),
 *   codec: json<{ id: number }>(),
 *   maxFrameLength: 65_536,
 * } satisfies Protocol<{ id: number }>;
 *
 * const decoder = new FrameDecoder(orders);
 * decoder.push(new TextEncoder().encode('{"id":1}\n{"id":2}\n'));
 * assert.deepEqual([...decoder], [{ id: 1 }, { id: 2 }]);
 * ```
 */
export type Protocol<In = Uint8Array, Out = In> = ProtocolParts<In, Out> & CodecOf<In, Out>;

/**
 * The members of a {@link Protocol}, with an optional codec for all types of messages.
 *
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
 */
export interface ProtocolParts<In = Uint8Array, Out = In> {
  /** Determines where frames begin and end. */
  readonly framer: Framer;
  /** Converts frames to messages and back; default: a message is the frame itself. */
  readonly codec?: Codec<Uint8Array, In, Out>;
  /** Maximum frame length in bytes, received or sent; default 1,048,576, `Infinity` for no limit. */
  readonly maxFrameLength?: number;
  /** Called with the error of each bad message, which is skipped; default: the error is thrown. */
  readonly onInvalid?: InvalidFrameHandler;
  /** The protocol of sent messages, if they differ from received ones; {@link asymmetric} sets it. */
  readonly sending?: ProtocolParts<unknown, never>;
  /** Returns the protocol of a new connection; default: connections share one. {@link stateful} sets it. */
  readonly perConnection?: (given: ProtocolParts<unknown, never>) => ProtocolParts<unknown, never>;
}

/** The codec of a {@link Protocol}, which is required unless a message may be bytes. */
export type CodecOf<In, Out> = [Uint8Array, Uint8Array] extends [In, Out] ? unknown
  : { readonly codec: Codec<Uint8Array, In, Out> };

/**
 * Called with an error that leaves the boundary of the next frame known: a frame that cannot be decoded, one over
 * the limit, or bytes before a frame that its framer discards as invalid. Reading continues with the next frame.
 *
 * @example Bad messages are reported and skipped
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, json, lines } from "@framewright/framewright";
 *
 * const invalid: string[] = [];
 * const decoder = new FrameDecoder(
 *   { framer: lines(), codec: json<number>(), maxFrameLength: 4 },
 *   (error) => invalid.push(error.name),
 * );
 * decoder.push(new TextEncoder().encode("1\n{\n2\n12345\n3\n"));
 * assert.deepEqual(decoder.readAll(), [1, 2, 3]);
 * assert.deepEqual(invalid, ["CodecError", "FrameTooLargeError"]);
 * ```
 */
export type InvalidFrameHandler = (
  error: CodecError | FrameTooLargeError | MalformedFrameError,
) => void;

/**
 * Returns the maximum frame length of a protocol.
 *
 * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
 */
export function frameLimit(protocol: { readonly maxFrameLength?: number | undefined }): number {
  const { maxFrameLength: limit = MAX_FRAME_LENGTH } = protocol;
  return lengthLimit("maxFrameLength", limit);
}

/**
 * Checks and returns a maximum length.
 *
 * @throws {RangeError} It is neither a non-negative integer nor `Infinity`.
 */
export function lengthLimit(name: string, limit: number): number {
  if (limit === Infinity || isLength(limit)) return limit;
  throw new RangeError(`Invalid ${name} ${limit}: expected a non-negative integer or Infinity`);
}

/**
 * Returns the protocol; a framer alone becomes a protocol without a codec.
 *
 * @throws {TypeError} The framer or the codec is missing or invalid, for example a function that has not
 * been called.
 */
export function protocolOf<Parts extends ProtocolParts<unknown, never>>(
  given: Framer | Parts,
): Parts {
  const protocol = ((given as Framer)?.measure ? { framer: given } : given) as Parts;
  const { framer, codec } = protocol ?? {};
  checkMethods("framer", framer, "measure", "write");
  if (codec !== undefined) checkMethods("codec", codec, "decode", "encode");
  return protocol;
}
