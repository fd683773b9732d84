import type { Codec } from "./codec.ts";

/**
 * One codec behind the other: what the first decodes is what the second decodes, and the other way
 * round for encoding.
 *
 * @typeParam Frame What the first one decodes.
 * @typeParam Middle What lies between them.
 * @typeParam Message What the second one decodes to.
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
export function compose<Frame, Middle, Message>(
  first: Codec<Frame, Middle>,
  second: Codec<Middle, Message>,
): Codec<Frame, Message> {
  const both: Codec<Frame, Message> = {
    decode: (frame) => second.decode(first.decode(frame)),
    encode: (message) => first.encode(second.encode(message)),
  };
  if (first.decodeIn !== undefined) {
    both.decodeIn = (chunk, start, end) => second.decode(first.decodeIn!(chunk, start, end));
  }
  return both;
}
