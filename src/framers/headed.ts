import { byteCount } from "../bytes/byte_count.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { MalformedFrameError } from "../errors.ts";
import { type Delimiter, delimiterBytes, refuseDelimiter } from "./delimiter.ts";
import type { Framer } from "./framer.ts";
import { headerLimit } from "./header_limit.ts";
import { selfMeasure } from "./self_measure.ts";

/** The options of {@link headed}. */
export interface HeadedOptions {
  /** Whether header and delimiter stay in the frame, before the body; default `false`. */
  readonly keep?: boolean;
  /**
   * Maximum length of a header in bytes, excluding its delimiter; default 8,192. `maxFrameLength` applies to
   * headers only if `keep` makes them part of the frame.
   */
  readonly maxHeaderLength?: number;
  /**
   * Returns the header of a body, without its delimiter. Required for writing, except with `keep`: then
   * the frame includes its header.
   */
  readonly header?: (bodyLength: number) => string | Uint8Array;
}

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Frames with a header that ends with a delimiter and contains the length of the body after it.
 *
 * ```text
 *   ┌────────┬───────────┬──────┬────────┬───────────┬──────┐
 *   │ header │ delimiter │ body │ header │ delimiter │ body │
 *   └────────┴───────────┴──────┴────────┴───────────┴──────┘
 * ```
 *
 * The frame is the body; with `keep` it is header, delimiter and body.
 *
 * @param delimiter Delimiter after the header: a string or bytes, at least one byte long.
 * @param bodyLength Receives the header without its delimiter and returns the length of the body in
 * bytes. It throws {@link MalformedFrameError} if the header is invalid; any result that is not a
 * non-negative integer is malformed, too.
 * @throws {TypeError} The delimiter is empty, or `bodyLength` is not a function.
 * @throws {RangeError} `maxHeaderLength` is not a non-negative integer.
 *
 * @example A header line that ends with the size of the body
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
  const { keep = false, header: makeHeader } = options;
  const end = delimiterBytes(delimiter);
  const maxHeaderLength = headerLimit(options.maxHeaderLength);
  if (typeof bodyLength !== "function") {
    throw new TypeError("Invalid bodyLength: expected a function");
  }
  const within = { within: maxHeaderLength };

  function announce(length: number, output: ByteWriter): undefined {
    if (makeHeader === undefined) {
      throw new TypeError("Cannot write frame: the option header is missing");
    }
    const header = makeHeader(length);
    const bytes = typeof header === "string" ? encoder.encode(header) : header;
    refuseDelimiter(bytes, [end], end);
    if (bytes.length > maxHeaderLength) {
      throw new RangeError(
        `Cannot write header of ${byteCount(bytes.length)}: limit is ${maxHeaderLength}`,
      );
    }
    output.write(bytes);
    output.write(end);
  }

  const framer: Framer = {
    measure(input) {
      const at = input.find(end, within);
      if (at === undefined) {
        if (input.length < maxHeaderLength + end.length) return undefined;
        throw new MalformedFrameError(`header has more than ${byteCount(maxHeaderLength)}`);
      }
      const length = bodyLength(input.look(at)!);
      if (!(Number.isSafeInteger(length) && length >= 0)) {
        throw new MalformedFrameError("header does not give a body length");
      }
      const header = at + end.length;
      if (keep) return header + length;
      input.skip(header);
      return length;
    },
    write(frame, output) {
      if (keep) refuseOtherLength(framer, frame);
      else announce(frame.length, output);
      output.write(frame);
    },
    ...keep ? undefined : { announce },
  };
  return framer;
}

/** Rejects a frame whose own header does not match its length. */
function refuseOtherLength(framer: Framer, frame: Uint8Array): void {
  const length = selfMeasure(framer, frame)?.length;
  if (length === frame.length) return;
  throw new TypeError(
    `Cannot write frame of ${byteCount(frame.length)}: its header gives ${length ?? "no length"}`,
  );
}
