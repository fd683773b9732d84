import { view } from "../bytes/view.ts";
import type { ChunkCodec, CodedChunk } from "./chunk_codec.ts";
import type { Codec } from "./codec.ts";

/**
 * UTF-8 text, exactly: invalid UTF-8 and strings with lone surrogates are errors, and a byte order mark is a
 * character like any other (Encoding Standard, with `fatal` and `ignoreBOM`).
 *
 * A chunk of ASCII alone is decoded once, and its frames are parts of that text: in V8, a message that is kept
 * keeps the text of its chunk in memory.
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
  const codec: ChunkCodec<Uint8Array, string> = {
    decode: (frame) => decoder.decode(frame),
    decodeIn(chunk, start, end) {
      const ascii = asciiOf(chunk);
      return ascii === undefined
        ? decoder.decode(view(chunk.bytes, start, end - start))
        : ascii.slice(start, end);
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

/** What is known of a chunk: at first only that one of its frames was decoded. */
class ChunkText {
  #known = false;
  #ascii: string | undefined = undefined;

  /** Returns the text of the whole chunk, if all of it is ASCII. */
  of(chunk: CodedChunk): string | undefined {
    if (!this.#known) {
      this.#known = true;
      const text = lenient.decode(chunk.bytes);
      // Each sequence of several bytes makes the text shorter, unless it is invalid.
      const exact = text.length === chunk.bytes.length && !text.includes("\ufffd");
      if (exact) this.#ascii = text;
    }
    return this.#ascii;
  }
}

/**
 * Returns the text of the whole chunk if all of it is ASCII, so that positions in one are positions in the
 * other: a `TextDecoder` call for each frame costs more than finding the frame. The first frame does not pay
 * for others that may not come.
 */
function asciiOf(chunk: CodedChunk): string | undefined {
  if (chunk.memo instanceof ChunkText) return chunk.memo.of(chunk);
  chunk.memo = new ChunkText();
  return undefined;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
