import type { ByteReader } from "../bytes/byte_reader.ts";
import { checkChoice } from "../bytes/invalid_option.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { type Delimiter, delimiterBytes, refuseDelimiter } from "./delimiter.ts";
import { refuseEmpty } from "./empty_frame.ts";
import type { Framer } from "./framer.ts";

/** The options of {@link delimited}. */
export interface DelimitedOptions {
  /** Whether the delimiter stays at the end of the frame; default `false`. */
  readonly keep?: boolean;
  /**
   * Whether the last frame requires its delimiter; default `"required"`. With `"optional"` it may end with the
   * stream, so that the delimiter separates frames.
   */
  readonly last?: "required" | "optional";
  /** Whether empty frames are skipped; default `false`. They cannot be written then. */
  readonly skipEmpty?: boolean;
}

const PARTIAL = { partial: true };

/**
 * Frames that end with a delimiter, which cannot occur inside a frame.
 *
 * ```text
 *   ┌───────┬───────────┬───────┬───────────┐
 *   │ frame │ delimiter │ frame │ delimiter │
 *   └───────┴───────────┴───────┴───────────┘
 * ```
 *
 * With several delimiters, the earliest one ends the frame, or the longest of those that begin at the same
 * byte. Frames are written with the first delimiter that is not a prefix of another one, since the bytes
 * after it could complete the other. With `keep`, the frame includes its own delimiter.
 *
 * @param delimiter One delimiter or several, each a string or bytes, at least one byte long.
 * @throws {TypeError} There is no delimiter, or one is empty or not a string or bytes, or `last` is unknown.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { delimited, FrameDecoder, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: delimited([",", ";"]), codec: text() });
 * decoder.push(new TextEncoder().encode("a,b;;"));
 * assert.deepEqual([...decoder], ["a", "b", ""]);
 * ```
 *
 * @example A separator
 * ```ts
 * import assert from "node:assert/strict";
 * import { delimited, FrameDecoder, text } from "@framewright/framewright";
 *
 * const framer = delimited(",", { last: "optional" });
 * const decoder = new FrameDecoder({ framer, codec: text() });
 * decoder.push(new TextEncoder().encode("a,b"));
 * decoder.end();
 * assert.deepEqual(decoder.readAll(), ["a", "b"]);
 * ```
 */
export function delimited(
  delimiter: Delimiter | readonly Delimiter[],
  options: DelimitedOptions = {},
): Framer {
  const { keep = false, last = "required", skipEmpty = false } = options;
  checkChoice("last", last, ["required", "optional"]);
  const delimiters = Array.isArray(delimiter)
    ? delimiter.map(delimiterBytes)
    : [delimiterBytes(delimiter as Delimiter)];
  const beginsAnother = (one: Uint8Array) =>
    delimiters.some((other) => other.length > one.length && startsWith(other, one));
  const written = delimiters.find((one) => !beginsAnother(one));
  if (written === undefined) throw new TypeError("Invalid delimiter: expected at least one");
  const longestFirst = [...delimiters].sort((a, b) => b.length - a.length);
  const longest = longestFirst[0]!.length;
  const shortest = longestFirst.at(-1)!.length;
  const several = longestFirst.length > 1;

  return {
    measure(input) {
      for (;;) {
        // Not `Infinity`, with which JavaScriptCore computes all positions as doubles.
        let first = -1;
        let length = 0;
        for (let index = 0; index < longestFirst.length; index++) {
          const one = longestFirst[index]!;
          const at = input.find(one);
          if (at !== undefined && (first < 0 || at < first)) {
            first = at;
            length = one.length;
          }
        }
        const found = first >= 0;
        const undecided = found && several && input.length - first < longest &&
          anotherMayComplete(input, longestFirst, first);
        if (found && !undecided) {
          if (first > 0 || !skipEmpty) {
            if (keep) return first + length;
            input.drop(length);
            return first;
          }
          input.discard(length);
          continue;
        }
        const end = found || last === "required" ? undefined : input.find(NOTHING);
        if (keep && end === undefined) {
          const begins = found ? first : input.earliestEnd;
          const whole = begins + (found ? length : shortest);
          // A delimiter alone may be no frame.
          input.atLeast(begins === 0 && skipEmpty ? 0 : whole);
        }
        return end;
      }
    },
    write(frame, output) {
      if (!keep) {
        if (skipEmpty) refuseEmpty(frame);
        refuseDelimiter(frame, delimiters, written);
        output.write(frame);
        output.write(written);
        return;
      }
      const kept = longestFirst.find((one) => endsWith(frame, one));
      if (kept === undefined) {
        throw new TypeError("Cannot write frame: it does not end with its delimiter");
      }
      if (beginsAnother(kept)) {
        throw new TypeError("Cannot write frame: it ends with the beginning of another delimiter");
      }
      const content = frame.subarray(0, frame.length - kept.length);
      if (skipEmpty) refuseEmpty(content);
      refuseDelimiter(content, delimiters, kept);
      output.write(frame);
    },
  };
}

/** Whether a delimiter that begins no later than the one at `first` has arrived only in part. */
function anotherMayComplete(
  input: ByteReader,
  delimiters: readonly Uint8Array[],
  first: number,
): boolean {
  if (input.ended) return false;
  return delimiters.some((one) => {
    const at = input.find(one, PARTIAL);
    return at !== undefined && at <= first && at + one.length > input.length;
  });
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  const offset = bytes.length - end.length;
  return offset >= 0 && end.every((byte, index) => bytes[offset + index] === byte);
}
