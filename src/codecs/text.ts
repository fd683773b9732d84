import { view } from "../bytes/view.ts";
import type { ChunkCodec, CodedChunk } from "./chunk_codec.ts";
import type { Codec } from "./codec.ts";

/**
 * UTF-8 text, exactly: bytes that are no UTF-8 and strings that have no UTF-8 are errors, and a byte
 * order mark is a character like others (Encoding Standard, with `fatal` and `ignoreBOM`).
 *
 * A chunk that is all ASCII is decoded once, and its frames are parts of that text, so that in V8 one that
 * is kept keeps the chunk's text in memory.
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

/** What is known of a chunk: at first only that one of its frames was decoded. A codec trusts its own kind alone. */
class ChunkText {
  #known = false;
  #ascii: string | undefined = undefined;

  /** The text of the whole chunk, where all of it is ASCII. */
  of(chunk: CodedChunk): string | undefined {
    if (!this.#known) {
      this.#known = true;
      const text = lenient.decode(chunk.bytes);
      // Each sequence of several bytes makes the text shorter, unless it is a wrong byte.
      const exact = text.length === chunk.bytes.length && !text.includes("\ufffd");
      if (exact) this.#ascii = text;
    }
    return this.#ascii;
  }
}

/**
 * The text of the whole chunk where all of it is ASCII, so that positions in one are positions in the
 * other. To ask `TextDecoder` for each frame costs more than to find it; the first frame does not pay for
 * others that may not come.
 */
function asciiOf(chunk: CodedChunk): string | undefined {
  if (chunk.memo instanceof ChunkText) return chunk.memo.of(chunk);
  chunk.memo = new ChunkText();
  return undefined;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
