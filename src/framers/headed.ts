import { ByteQueue } from "../bytes/byte_queue.ts";
import { MalformedFrameError } from "../errors.ts";
import { type Delimiter, delimiterBytes, refuseDelimiter } from "./delimiter.ts";
import type { Framer } from "./framer.ts";

/** The options of {@link headed}. */
export interface HeadedOptions {
  /** Whether header and delimiter stay in the frame, in front of the body; default `false`. */
  readonly keep?: boolean;
  /** The most bytes that a header may have, its delimiter aside; default 8,192. */
  readonly maxHeaderLength?: number;
  /**
   * Makes the header of a body, its delimiter aside. Needed for writing, unless headers are kept: then
   * the frame brings its own.
   */
  readonly header?: (bodyLength: number) => string | Uint8Array;
}

/** The most bytes of a header unless its framer is told otherwise. */
export const MAX_HEADER_LENGTH = 8192;

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Frames with a block of header in front that ends with a delimiter and tells the length of the body.
 *
 * ```text
 *   ┌────────┬───────────┬──────┬────────┬───────────┬──────┐
 *   │ header │ delimiter │ body │ header │ delimiter │ body │
 *   └────────┴───────────┴──────┴────────┴───────────┴──────┘
 * ```
 *
 * The frame is the body; with `keep` it is all of it.
 *
 * @param delimiter What ends the header.
 * @param bodyLength Is given the header, its delimiter aside, and says how long the body is. It throws
 * {@link MalformedFrameError} where the header does not say; any other number than an integer from 0 is
 * malformed too.
 * @throws {TypeError} The delimiter is empty.
 *
 * @example A line that tells the size of what follows it
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, headed, text } from "@framewright/framewright";
 *
 * const sizeAtEnd = (header: Uint8Array) =>
 *   Number(/ (\d{1,9})$/.exec(new TextDecoder().decode(header))?.[1]);
 * const decoder = new FrameDecoder({
 *   framer: headed("\r\n", sizeAtEnd, { keep: true }),
 *   codec: text(),
 * });
 * decoder.push(new TextEncoder().encode("MSG news 5\r\nhello"));
 * assert.equal(decoder.read(), "MSG news 5\r\nhello");
 * ```
 */
export function headed(
  delimiter: Delimiter,
  bodyLength: (header: Uint8Array) => number,
  options: HeadedOptions = {},
): Framer {
  const { keep = false, maxHeaderLength = MAX_HEADER_LENGTH, header: makeHeader } = options;
  const end = delimiterBytes(delimiter);
  if (!(Number.isSafeInteger(maxHeaderLength) && maxHeaderLength >= 0)) {
    throw new RangeError(
      `Cannot limit headers to ${maxHeaderLength} bytes: maxHeaderLength is an integer from 0`,
    );
  }

  const within = { within: maxHeaderLength };
  return {
    measure(input) {
      const at = input.find(end, within);
      if (at === undefined) {
        if (input.length < maxHeaderLength + end.length) return undefined;
        throw new MalformedFrameError(`header has more than ${maxHeaderLength} bytes`);
      }
      const length = bodyLength(input.look(at)!);
      if (!(Number.isSafeInteger(length) && length >= 0)) {
        throw new MalformedFrameError("header tells no length of its body");
      }
      const header = at + end.length;
      if (keep) return header + length;
      input.skip(header);
      return length;
    },
    write(frame, output) {
      if (keep) {
        refuseOtherLength(this, frame);
      } else {
        if (makeHeader === undefined) {
          throw new TypeError("Cannot write frame: headed() was given no header to write");
        }
        const header = makeHeader(frame.length);
        const bytes = typeof header === "string" ? encoder.encode(header) : header;
        refuseDelimiter(bytes, [end], end);
        if (bytes.length > maxHeaderLength) {
          throw new RangeError(
            `Cannot write header of ${bytes.length} bytes: limit is ${maxHeaderLength}`,
          );
        }
        output.write(bytes);
        output.write(end);
      }
      output.write(frame);
    },
  };
}

/** Refuses a frame that brings its own header, unless that header tells the truth. */
function refuseOtherLength(framer: Framer, frame: Uint8Array): void {
  const input = new ByteQueue();
  input.push(frame);
  let length: number | undefined;
  try {
    length = framer.measure(input);
  } catch (cause) {
    throw new TypeError(`Cannot write frame: ${(cause as Error).message}`, { cause });
  }
  if (length === frame.length) return;
  throw new TypeError(
    `Cannot write frame of ${frame.length} bytes: its header tells ${length ?? "nothing"}`,
  );
}
