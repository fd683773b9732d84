import type { Codec } from "./codec.ts";
import type { DirectCodec } from "./direct_codec.ts";

/**
 * Combines two codecs: the second decodes the messages of the first. Messages are encoded in the opposite
 * order.
 *
 * @typeParam Frame A frame of the first codec.
 * @typeParam Middle A message of the first codec and a frame of the second.
 * @typeParam In A received message of the second codec.
 * @typeParam Out A sent message; by default the same type.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Codec, compose, json } from "@framewright/framewright";
 *
 * const date: Codec<unknown, Date> = {
 *   decode: (value) => new Date(String(value)),
 *   encode: (value) => value.toISOString(),
 * };
 * const codec = compose(json(), date);
 * assert.equal(codec.decode(codec.encode(new Date(0))).getTime(), 0);
 * ```
 */
export function compose<Frame, Middle, In, Out = In>(
  first: Codec<Frame, Middle>,
  second: Codec<Middle, In, Out>,
): Codec<Frame, In, Out> {
  const { framer, decodeFrom, encodeTo }: DirectCodec<Frame, Middle> = first;
  const both: DirectCodec<Frame, In, Out> = {
    framer,
    decode: (frame) => second.decode(first.decode(frame)),
    encode: (message) => first.encode(second.encode(message)),
  };
  if (decodeFrom !== undefined) both.decodeFrom = (taken) => second.decode(decodeFrom(taken));
  if (encodeTo !== undefined) {
    both.encodeTo = (message, output) => encodeTo(second.encode(message), output);
  }
  return both;
}
