import type { Framer } from "./framer.ts";
import { headerLimit } from "./header_limit.ts";
import { HeaderScan } from "./header_scan.ts";

/** The options of {@link contentLength}. */
export interface ContentLengthOptions {
  /**
   * Maximum length of the header fields in bytes, without the line end and the empty line after them;
   * default 8,192.
   */
  readonly maxHeaderLength?: number;
}

const HEADER_END = /* @__PURE__ */ Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a);

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Header fields with one `Content-Length`, an empty line, and the body, as the Language Server Protocol
 * and the Debug Adapter Protocol send them (LSP 3.17, "Base Protocol"). The frame is the body; other
 * fields are ignored, and so are empty lines before the header.
 *
 * ```text
 *   ┌──────────────────────────────────┬──────┬──────┐
 *   │ Content-Length: 5 CRLF … CRLF    │ CRLF │ body │
 *   └──────────────────────────────────┴──────┴──────┘
 * ```
 *
 * Exactly one `Content-Length` of plain digits is required; field names are case-insensitive. Each byte of
 * the header is checked when it arrives, so that log output on the same channel is refused at once: lines
 * that are not header fields, a bare LF, and a CR without LF.
 *
 * @throws {RangeError} `maxHeaderLength` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { contentLength, FrameDecoder, json } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: contentLength(), codec: json() });
 * decoder.push(new TextEncoder().encode('Content-Length: 10\r\n\r\n{"id":123}'));
 * assert.deepEqual(decoder.read(), { id: 123 });
 * decoder.push(new TextEncoder().encode("Listening "));
 * assert.throws(() => decoder.read(), /invalid header line "Listening "/);
 * ```
 */
export function contentLength(options: ContentLengthOptions = {}): Framer {
  const limit = headerLimit(options.maxHeaderLength);
  return {
    measure(input) {
      const scan = input.memo instanceof HeaderScan ? input.memo : new HeaderScan();
      const length = scan.bodyLength(input, limit);
      if (length !== undefined) {
        input.skip(scan.headerLength);
        return length;
      }
      input.memo = scan;
      input.atLeast(0);
      return undefined;
    },
    write(frame, output) {
      const header = encoder.encode(`Content-Length: ${frame.length}`);
      if (header.length > limit) {
        throw new RangeError(`Cannot write header of ${header.length} bytes: limit is ${limit}`);
      }
      output.write(header);
      output.write(HEADER_END);
      output.write(frame);
    },
  };
}
