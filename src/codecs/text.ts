import type { Codec } from "./codec.ts";
import type { CodedChunk, DirectCodec, TakenFrame } from "./direct_codec.ts";
import type { Reading } from "./reading.ts";

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

/**
 * Returns the decoding half of a codec of lenient text that consists of lines, without a string for each frame.
 *
 * @param read Returns the message in `text[start, end)`, in which LF ends each line: CR and CRLF are replaced.
 */
export function readingLines<In extends {} | null>(
  read: (text: string, start: number, end: number) => In,
): Reading<In> {
  const whole = (text: string) => {
    const lines = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
    return read(lines, 0, lines.length);
  };
  return {
    decode: (frame) => whole(lenient.decode(frame)),
    decodeFrom(taken) {
      const { takenStart, takenEnd } = taken;
      const chunk = chunkText(taken);
      const ascii = chunk?.ascii;
      if (ascii === undefined) return whole(decodeTaken(lenient, taken));
      if (chunk!.cr) return whole(ascii.slice(takenStart, takenEnd));
      return read(ascii, takenStart, takenEnd);
    },
  };
}

function textBy(decoder: TextDecoder): Codec<Uint8Array, string> {
  const encoder = new TextEncoder();
  const codec: DirectCodec<Uint8Array, string> = {
    decode: (frame) => decoder.decode(frame),
    decodeFrom(taken) {
      const ascii = chunkText(taken)?.ascii;
      return ascii === undefined
        ? decodeTaken(decoder, taken)
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
  readonly #chunk: CodedChunk;
  #known = false;
  #ascii: string | undefined;
  #cr: boolean | undefined;

  constructor(chunk: CodedChunk) {
    this.#chunk = chunk;
  }

  /** The text of the whole chunk, if all of it is ASCII. */
  get ascii(): string | undefined {
    if (!this.#known) {
      this.#known = true;
      const { bytes } = this.#chunk;
      const text = lenient.decode(bytes);
      // A sequence of several bytes makes the text shorter, unless it is invalid.
      const exact = text.length === bytes.length && !text.includes("\ufffd");
      if (exact) this.#ascii = text;
    }
    return this.#ascii;
  }

  /** Whether there is a CR in it. */
  get cr(): boolean {
    return this.#cr ??= this.#ascii!.includes("\r");
  }
}

/**
 * Returns the text of the chunk around a frame: if all of it is ASCII, positions in the text and in the chunk are
 * the same, and calling a `TextDecoder` for each frame costs more than finding the frame (bench, strings). Returns
 * `undefined` for the first frame, since it may be the only one in its chunk.
 */
function chunkText({ chunk }: TakenFrame): ChunkText | undefined {
  if (chunk === undefined || chunk.memo instanceof ChunkText) return chunk?.memo as ChunkText;
  chunk.memo = new ChunkText(chunk);
  return undefined;
}

/** Decodes a frame, whose memory can be used again for the next one. */
function decodeTaken(decoder: TextDecoder, taken: TakenFrame): string {
  return decoder.decode(taken.taken.subarray(taken.takenStart, taken.takenEnd));
}

const LONE_SURROGATE = /\p{Surrogate}/u;
