import type { Codec } from "./codec.ts";

/**
 * UTF-8 text, exactly: bytes that are no UTF-8 and strings that have no UTF-8 are errors, and a byte
 * order mark is a character like others (Encoding Standard, with `fatal` and `ignoreBOM`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { text } from "@framewright/framewright";
 *
 * assert.equal(text().decode(Uint8Array.of(0xe2, 0x82, 0xac)), "€");
 * assert.throws(() => text().decode(Uint8Array.of(0xe2, 0x82)), TypeError);
 * ```
 */
export function text(): Codec<Uint8Array, string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  return {
    decode: (frame) => decoder.decode(frame),
    encode(message) {
      if (typeof message !== "string") {
        throw new TypeError(`Cannot encode ${typeof message} as text`);
      }
      if (LONE_SURROGATE.test(message)) {
        throw new TypeError("Cannot encode string as UTF-8: it has a lone surrogate");
      }
      return encoder.encode(message);
    },
  };
}

const LONE_SURROGATE = /\p{Surrogate}/u;
