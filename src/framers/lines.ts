import { indexOf } from "../bytes/index_of.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { refuseEmpty } from "./empty_frame.ts";
import type { Framer } from "./framer.ts";

/** The options of {@link lines}. */
export interface LinesOptions {
  /** Whether a last line without a line end is an error instead of a line; default `false`. */
  readonly strict?: boolean;
  /**
   * Whether a CR alone ends a line, too; default `false`. The line is read before the next byte arrives, and an LF
   * that follows is skipped. Before `startTls` it must have arrived: afterwards it would be taken for TLS.
   */
  readonly cr?: boolean;
  /** Whether empty lines are skipped; default `false`. They cannot be written then. */
  readonly skipEmpty?: boolean;
}

const CR = 0x0d;
const LF = /* @__PURE__ */ Uint8Array.of(0x0a);
const ONLY_CR = /* @__PURE__ */ Uint8Array.of(CR);
const CRLF = /* @__PURE__ */ Uint8Array.of(0x0d, 0x0a);
const OPTIONAL = { optional: true };

/**
 * Lines that end with LF or CRLF. A CR anywhere else is part of the line, unless the option `cr` is set. Lines
 * are written with LF, or with CRLF if the line itself ends with CR, because a reader would strip that CR.
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
 *
 * @example Lines that end with CR, LF or CRLF, without the empty ones
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lines, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({
 *   framer: lines({ cr: true, skipEmpty: true }),
 *   codec: text(),
 * });
 * decoder.push(new TextEncoder().encode("AT\r"));
 * assert.equal(decoder.read(), "AT");
 * decoder.push(new TextEncoder().encode("\n\r\nOK\n"));
 * assert.equal(decoder.read(), "OK");
 * ```
 */
export function lines(options: LinesOptions = {}): Framer {
  const { strict = false, cr = false, skipEmpty = false } = options;
  return {
    measure(input) {
      for (;;) {
        let end = input.find(LF);
        let dropped = 1;
        const bare = cr ? input.find(ONLY_CR) : undefined;
        if (bare !== undefined && (end === undefined || bare < end)) {
          end = bare;
          if (bare > 0 || !skipEmpty) input.expect(LF, OPTIONAL);
        } else if (end === undefined) {
          // No line follows the last one: inside a larger message, its last line is missing.
          if (!strict && (input.length > 0 || !input.ended)) end = input.find(NOTHING);
          // A CR at the end may belong to an LF that has not arrived: it does not count toward the limit.
          if (end === undefined && input.length > 0 && input.peek(input.length - 1) === CR) {
            input.find(CRLF, { from: input.length - 1 });
          }
          return end;
        } else if (end > 0 && input.peek(end - 1) === CR) {
          end--;
          dropped = 2;
        }
        if (end > 0 || !skipEmpty) {
          input.drop(dropped);
          return end;
        }
        input.discard(dropped);
      }
    },
    write(frame, output) {
      let at = indexOf(frame, LF);
      if (at < 0 && cr) at = indexOf(frame, ONLY_CR);
      if (at >= 0) {
        throw new TypeError(`Cannot write frame: it contains the delimiter at offset ${at}`);
      }
      if (skipEmpty) refuseEmpty(frame);
      output.write(frame);
      output.write(frame[frame.length - 1] === CR ? CRLF : LF);
    },
  };
}
