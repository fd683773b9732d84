import { byteCount } from "../bytes/byte_count.ts";
import { checkInteger, invalidOption } from "../bytes/invalid_option.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { NOTHING } from "../bytes/nothing.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { isLength } from "../bytes/is_length.ts";
import { MalformedFrameError } from "../errors.ts";
import { type Delimiter, delimiterBytes, refuseDelimiter } from "./delimiter.ts";
import type { Framer } from "./framer.ts";
import { headerLimit } from "./header_limit.ts";
import { refuseOtherLength } from "./self_measure.ts";

/** The options of {@link headed}. */
export interface HeadedOptions {
  /** Whether header and delimiter stay in the frame, before the body; default `false`. */
  readonly keep?: boolean;
  /**
   * Maximum length of a header in bytes, excluding its delimiter; default 8,192. It does not apply to headers of
   * a fixed size. `maxFrameLength` applies to headers only if `keep` makes them part of the frame.
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
 * Frames with a header that contains the length of the body after it. The header has a fixed size, or ends with
 * a delimiter.
 *
 * ```text
 *   ┌────────┬───────────┬──────┬────────┬───────────┬──────┐
 *   │ header │ delimiter │ body │ header │ delimiter │ body │
 *   └────────┴───────────┴──────┴────────┴───────────┴──────┘
 * ```
 *
 * The frame is the body; with `keep` it is header, delimiter and body.
 *
 * @param end Size of the header in bytes, from 1 to 65,536; or the delimiter after it: a string or bytes, at
 * least one byte long.
 * @param bodyLength Receives the header without its delimiter and returns the length of the body in
 * bytes. It throws {@link MalformedFrameError} if the header is invalid; any result that is not a
 * non-negative integer is malformed, too.
 * @throws {TypeError} The delimiter is empty, or `bodyLength` is not a function.
 * @throws {RangeError} The size is not an integer from 1 to 65,536, or `maxHeaderLength` is not a non-negative
 * integer.
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
 *
 * @example A header of 4 bytes, the last of which is the size of the body
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, headed } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder(headed(4, (header) => header[3]!, { keep: true }));
 * decoder.push(Uint8Array.of(7, 7, 7, 1, 10));
 * assert.deepEqual(decoder.read(), Uint8Array.of(7, 7, 7, 1, 10));
 * ```
 */
export function headed(
  end: Delimiter | number,
  bodyLength: (header: Uint8Array) => number,
  options: HeadedOptions = {},
): Framer {
  const { keep = false, header: makeHeader } = options;
  const fixed = typeof end === "number";
  const delimiter = fixed ? NOTHING : delimiterBytes(end);
  const maxHeaderLength = fixed ? end : headerLimit(options.maxHeaderLength);
  if (fixed) checkInteger("header size", end, 1, MAX_HEADER);
  if (typeof bodyLength !== "function") throw invalidOption("bodyLength", bodyLength, "a function");
  const within = { within: maxHeaderLength };

  function announce(length: number, output: ByteWriter): undefined {
    if (makeHeader === undefined) {
      throw new TypeError("Cannot write frame: the option header is missing");
    }
    const header = makeHeader(length);
    const bytes = typeof header === "string" ? encoder.encode(header) : header;
    if (!fixed) refuseDelimiter(bytes, [delimiter], delimiter);
    if (fixed ? bytes.length !== end : bytes.length > maxHeaderLength) {
      throw new RangeError(
        `Cannot write header of ${byteCount(bytes.length)}: ${
          fixed ? "expected" : "limit is"
        } ${maxHeaderLength}`,
      );
    }
    output.write(bytes);
    output.write(delimiter);
  }

  const framer: Framer = {
    measure(input) {
      const at = fixed ? maxHeaderLength : input.find(delimiter, within);
      if (at === undefined) {
        if (input.length < maxHeaderLength + delimiter.length) return undefined;
        throw new MalformedFrameError(`header has more than ${byteCount(maxHeaderLength)}`);
      }
      const header = input.look(at);
      if (header === undefined) return undefined;
      const length = bodyLength(header);
      if (!isLength(length)) {
        throw new MalformedFrameError("header does not give a body length");
      }
      const start = at + delimiter.length;
      if (keep) return start + length;
      input.skip(start);
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
