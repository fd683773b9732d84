import { indexOf } from "../bytes/index_of.ts";
import type { Framer } from "./framer.ts";

/** The options of {@link lines}. */
export interface LinesOptions {
  /** Whether a last line without LF is an error instead of a line; default `false`. */
  readonly strict?: boolean;
}

const CR = 0x0d;
const LF = /* @__PURE__ */ Uint8Array.of(0x0a);
const CRLF = /* @__PURE__ */ Uint8Array.of(0x0d, 0x0a);
const END_OF_STREAM = /* @__PURE__ */ new Uint8Array(0);

/**
 * Lines that end with LF or CRLF. A CR anywhere else is part of the line. Lines are written with LF, or
 * with CRLF if the line itself ends with CR, because a reader would strip that CR.
 * The last line may end with the stream, as in text files.
 *
 * ```text
 *   ┌──────┬────┬──────┬────┬────┬──────┐
 *   │ line │ LF │ line │ CR │ LF │ line │ end of stream
 *   └──────┴────┴──────┴────┴────┴──────┘
 * ```
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lines, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: lines(), codec: text() });
 * decoder.push(new TextEncoder().encode("one\r\n\ntwo"));
 * assert.deepEqual([...decoder], ["one", ""]);
 * decoder.end();
 * assert.deepEqual([...decoder], ["two"]);
 * ```
 */
export function lines(options: LinesOptions = {}): Framer {
  const { strict = false } = options;
  return {
    measure(input) {
      const at = input.find(LF);
      if (at === undefined) {
        // After the last line no line follows: in a larger message, its last line is missing.
        const last = !strict && (input.length > 0 || !input.ended);
        const end = last ? input.find(END_OF_STREAM) : undefined;
        // A CR at the end may belong to an LF that has not arrived: it does not count toward the limit.
        if (end === undefined && input.length > 0 && input.peek(input.length - 1) === CR) {
          input.find(CRLF, { from: input.length - 1 });
        }
        return end;
      }
      const cr = at > 0 && input.peek(at - 1) === CR;
      input.drop(cr ? 2 : 1);
      return cr ? at - 1 : at;
    },
    write(frame, output) {
      const at = indexOf(frame, LF);
      if (at >= 0) {
        throw new TypeError(`Cannot write frame: it contains the delimiter at offset ${at}`);
      }
      output.write(frame);
      output.write(frame[frame.length - 1] === CR ? CRLF : LF);
    },
  };
}
