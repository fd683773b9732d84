import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "./framer.ts";
import { headed, MAX_HEADER_LENGTH } from "./headed.ts";

/** The options of {@link contentLength}. */
export interface ContentLengthOptions {
  /** The most bytes that a block of header fields may have; default 8,192. */
  readonly maxHeaderLength?: number;
}

const CR = 0x0d;
const LF = /* @__PURE__ */ Uint8Array.of(0x0a);

/** The name of a field is a token (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** 2^53 - 1 has 16 digits; a 16-digit number beyond it is caught as unsafe. */
const LENGTH = /^[0-9]{1,16}$/;

/**
 * A block of header fields with one `Content-Length`, an empty line, and the body, as the Language
 * Server Protocol and the Debug Adapter Protocol send it (LSP 3.17, "Base Protocol"). The frame is the
 * body; other fields are read over.
 *
 * ```text
 *   ┌──────────────────────────────────┬──────┬──────┐
 *   │ Content-Length: 5 CRLF … CRLF    │ CRLF │ body │
 *   └──────────────────────────────────┴──────┴──────┘
 * ```
 *
 * Field names are read in either case. Anything but one length of plain digits is malformed, and so is
 * a line that ends with LF alone.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { contentLength, FrameDecoder, json } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: contentLength(), codec: json() });
 * decoder.push(new TextEncoder().encode('Content-Length: 10\r\n\r\n{"id":123}'));
 * assert.deepEqual(decoder.read(), { id: 123 });
 * ```
 */
export function contentLength(options: ContentLengthOptions = {}): Framer {
  const { maxHeaderLength = MAX_HEADER_LENGTH } = options;
  const framer = headed("\r\n\r\n", bodyLength, {
    maxHeaderLength,
    header: (length) => `Content-Length: ${length}`,
  });
  const within = { within: maxHeaderLength };
  return {
    measure(input) {
      // Who ends lines with LF alone never sends the CRLFs that would end the header.
      const at = input.find(LF, within);
      if (at !== undefined && (at === 0 || input.peek(at - 1) !== CR)) {
        throw new MalformedFrameError("header has a line that ends with LF alone");
      }
      return framer.measure(input);
    },
    write: (frame, output) => framer.write(frame, output),
  };
}

function bodyLength(header: Uint8Array): number {
  let length: number | undefined;
  for (const line of latin1(header).split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!TOKEN.test(name) || holdsControl(line)) {
      throw new MalformedFrameError(`header has the line ${JSON.stringify(line.slice(0, 40))}`);
    }
    const value = trimBlanks(line.slice(colon + 1));
    if (name.toLowerCase() !== "content-length") continue;
    if (length !== undefined) throw new MalformedFrameError("Content-Length is given twice");
    if (!LENGTH.test(value)) {
      throw new MalformedFrameError(`Content-Length is ${JSON.stringify(value.slice(0, 40))}`);
    }
    length = Number(value);
  }
  if (length === undefined) throw new MalformedFrameError("header has no Content-Length");
  return length;
}

/** Header fields are bytes: no two byte sequences may become the same text. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A field may hold no control character but a tab: not CR and not LF either. */
function holdsControl(line: string): boolean {
  for (let index = 0; index < line.length; index++) {
    const code = line.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

/** The value without the optional white space around it (RFC 9110, section 5.6.3). */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
