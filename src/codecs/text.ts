import type { Codec } from "./codec.ts";
import type { CodedChunk, DirectCodec } from "./direct_codec.ts";

/**
 * Strict UTF-8 text: invalid UTF-8 and strings with lone surrogates are errors, and a byte order mark is a
 * character like any other (Encoding Standard, with `fatal` and `ignoreBOM`).
 *
 * A chunk that is all ASCII is decoded once, and its messages are slices of that text: in V8, a message that
 * is kept keeps the text of its whole chunk in memory.
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
  return textBy(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }));
}

/** Text whose invalid UTF-8 is replaced by U+FFFD. */
export function lenientText(): Codec<Uint8Array, string> {
  return textBy(lenient);
}

function textBy(decoder: TextDecoder): Codec<Uint8Array, string> {
  const encoder = new TextEncoder();
  const codec: DirectCodec<Uint8Array, string> = {
    decode: (frame) => decoder.decode(frame),
    decodeFrom(taken) {
      const { chunk } = taken;
      const ascii = chunk === undefined ? undefined : asciiOf(chunk);
      return ascii === undefined
        ? decoder.decode(taken.keep())
        : ascii.slice(taken.takenStart, taken.takenEnd);
    },
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
  return codec;
}

const lenient = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a chunk, which is decoded when its second frame is. */
class ChunkText {
  #known = false;
  #ascii: string | undefined;

  /** Returns the text of the whole chunk, if all of it is ASCII. */
  of(chunk: CodedChunk): string | undefined {
    if (!this.#known) {
      this.#known = true;
      const text = lenient.decode(chunk.bytes);
      // A sequence of several bytes makes the text shorter, unless it is invalid.
      const exact = text.length === chunk.bytes.length && !text.includes("\ufffd");
      if (exact) this.#ascii = text;
    }
    return this.#ascii;
  }
}

/**
 * Returns the text of the whole chunk if all of it is ASCII, so that positions in the text and in the chunk
 * are the same: calling a `TextDecoder` for each frame costs more than finding the frame (bench, strings).
 * Returns `undefined` for the first frame, since it may be the only one in its chunk.
 */
function asciiOf(chunk: CodedChunk): string | undefined {
  if (chunk.memo instanceof ChunkText) return chunk.memo.of(chunk);
  chunk.memo = new ChunkText();
  return undefined;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
