import type { ByteReader } from "../bytes/byte_reader.ts";
import { type Delimiter, delimiterBytes, refuseDelimiter } from "./delimiter.ts";
import type { Framer } from "./framer.ts";

/** The options of {@link delimited}. */
export interface DelimitedOptions {
  /** Whether the delimiter stays in the frame; default `false`. */
  readonly keep?: boolean;
}

/**
 * Frames that end with a delimiter, which the frame itself cannot hold.
 *
 * ```text
 *   ┌───────┬───────────┬───────┬───────────┐
 *   │ frame │ delimiter │ frame │ delimiter │
 *   └───────┴───────────┴───────┴───────────┘
 * ```
 *
 * Of several delimiters the one that begins first ends the frame, and of those that begin together the
 * longest. Frames are written with the first one that is not itself the beginning of another: what
 * follows might complete the other. Kept delimiters that are such a beginning cannot be written.
 *
 * @param delimiter One delimiter or several, each a string or bytes, at least one byte long.
 * @throws {TypeError} There is no delimiter, or an empty one.
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
 */
export function delimited(
  delimiter: Delimiter | readonly Delimiter[],
  options: DelimitedOptions = {},
): Framer {
  const { keep = false } = options;
  const delimiters = typeof delimiter === "string" || ArrayBuffer.isView(delimiter)
    ? [delimiterBytes(delimiter)]
    : delimiter.map(delimiterBytes);
  const beginsAnother = (one: Uint8Array) =>
    delimiters.some((other) => other.length > one.length && startsWith(other, one));
  const written = delimiters.find((one) => !beginsAnother(one));
  if (written === undefined) throw new TypeError("Cannot delimit frames: there is no delimiter");
  const longestFirst = [...delimiters].sort((a, b) => b.length - a.length);
  const several = longestFirst.length > 1;

  return {
    measure(input) {
      // Not Infinity: with it JavaScriptCore makes doubles of all positions.
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
      if (first < 0 || (several && anotherMayComplete(input, longestFirst, first))) {
        // At least one more byte of the delimiter is to come; or it has come, and another may yet.
        if (keep) input.atLeast(first < 0 ? input.length + 1 : first + length);
        return undefined;
      }
      if (keep) return first + length;
      input.drop(length);
      return first;
    },
    write(frame, output) {
      if (!keep) {
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
      refuseDelimiter(frame.subarray(0, frame.length - kept.length), delimiters, kept);
      output.write(frame);
    },
  };
}

/** A delimiter that begins no later than the one found at `first` has arrived in part. */
function anotherMayComplete(
  input: ByteReader,
  delimiters: readonly Uint8Array[],
  first: number,
): boolean {
  if (input.ended) return false;
  return delimiters.some((one) => {
    for (let at = Math.max(0, input.length - one.length + 1); at <= first; at++) {
      let index = 0;
      while (at + index < input.length && input.peek(at + index) === one[index]) index++;
      if (at + index === input.length) return true;
    }
    return false;
  });
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  const offset = bytes.length - end.length;
  return offset >= 0 && end.every((byte, index) => bytes[offset + index] === byte);
}
