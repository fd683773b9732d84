import { byteCount } from "../bytes/byte_count.ts";
import type { ByteReader } from "../bytes/byte_reader.ts";
import { quoted } from "../bytes/quoted.ts";
import { MalformedFrameError } from "../errors.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const DELETE = 0x7f;

/** Number of decimal digits of 2^53 - 1. */
const MAX_DIGITS = 16;

/** Bytes of the delimiter after the last header field, CR LF CR LF. */
const END_LENGTH = 4;

const CONTENT_LENGTH = "content-length";

/** Punctuation that a field name may contain besides letters and digits (RFC 9110, section 5.6.2). */
const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

/** Maximum number of bytes passed to `quoted`: one more than it shows, so that it marks the rest. */
const QUOTED_BYTES = 33;

type Part = "name" | "value" | "length" | "afterLength" | "lineEnd" | "headerEnd" | "body";

/**
 * Reads the header of a frame of {@link contentLength} byte by byte. A byte that proves the header invalid is
 * refused when it arrives, and no byte is checked twice, however slowly the header arrives.
 *
 * ```text
 *         ┌──────────────────── LF ────────────────────┐
 *         ▼                                            │
 *   ──▶ name ── ":" ──▶ value ───────────── CR ──▶ lineEnd
 *        │  └── ":" ──▶ length ──────────── CR ──────▶ │
 *        │                 └─▶ afterLength ─ CR ───────┘
 *        └─ CR ──▶ headerEnd ── LF ──▶ body
 * ```
 */
export class HeaderScan {
  /** Number of bytes checked so far. */
  #at = 0;
  #part: Part = "name";
  /** Where the current line begins, and in it the value of Content-Length. */
  #lineStart = 0;
  #valueStart = 0;
  #digits = 0;
  #length: number | undefined;

  /** Length of the header in bytes, including its end, as far as it has been checked. */
  get headerLength(): number {
    return this.#at;
  }

  /**
   * Checks the bytes that have arrived since the last call.
   *
   * @param limit Maximum length of the header in bytes, without its end.
   * @returns The length of the body; `undefined` if the header is not complete.
   * @throws {MalformedFrameError} The bytes cannot become a header.
   */
  bodyLength(input: ByteReader, limit: number): number | undefined {
    while (this.#part !== "body") {
      if (this.#at >= limit + END_LENGTH) {
        throw new MalformedFrameError(`header has more than ${byteCount(limit)}`);
      }
      const byte = input.peek(this.#at);
      if (byte === undefined) return undefined;
      this.#check(byte, input);
      this.#at++;
    }
    return this.#length;
  }

  #check(byte: number, input: ByteReader): void {
    switch (this.#part) {
      case "name":
        return this.#checkName(byte, input);
      case "value":
        if (byte === CR) this.#part = "lineEnd";
        else if (isControl(byte)) throw this.#invalidLine(byte, input);
        return;
      case "length":
        return this.#checkLength(byte, input);
      case "afterLength":
        if (byte === CR) this.#part = "lineEnd";
        else if (!isBlank(byte)) throw this.#invalidLength(byte, input);
        return;
      case "lineEnd":
        if (byte !== LF) throw new MalformedFrameError("header has a CR without LF");
        this.#lineStart = this.#at + 1;
        this.#part = "name";
        return;
      default:
        if (byte !== LF) throw new MalformedFrameError("header has a CR without LF");
        if (this.#length !== undefined) {
          this.#part = "body";
        } else if (this.#lineStart > 0) {
          throw new MalformedFrameError("header has no Content-Length");
        } else {
          // An empty line before the header.
          input.discard(2);
          this.#at = -1;
          this.#part = "name";
        }
    }
  }

  #checkName(byte: number, input: ByteReader): void {
    const first = this.#at === this.#lineStart;
    if (byte === COLON && !first) {
      this.#part = this.#isContentLength(input) ? "length" : "value";
      this.#valueStart = this.#at + 1;
      if (this.#part === "length" && this.#length !== undefined) {
        throw new MalformedFrameError("header has two Content-Length fields");
      }
    } else if (byte === CR && first) {
      this.#part = "headerEnd";
    } else if (!isToken(byte)) {
      throw this.#invalidLine(byte, input);
    }
  }

  #checkLength(byte: number, input: ByteReader): void {
    if (isBlank(byte)) {
      if (this.#digits === 0) this.#valueStart++;
      else this.#part = "afterLength";
    } else if (byte === CR && this.#digits > 0) {
      this.#part = "lineEnd";
    } else if (byte >= 0x30 && byte <= 0x39 && this.#digits < MAX_DIGITS) {
      this.#digits++;
      this.#length = (this.#length ?? 0) * 10 + byte - 0x30;
      if (this.#length > Number.MAX_SAFE_INTEGER) {
        throw new MalformedFrameError("Content-Length is over 2^53 - 1");
      }
    } else {
      throw this.#invalidLength(byte, input);
    }
  }

  /** Field names are case-insensitive. No other byte of a token becomes a letter or a hyphen by this. */
  #isContentLength(input: ByteReader): boolean {
    if (this.#at - this.#lineStart !== CONTENT_LENGTH.length) return false;
    for (let index = 0; index < CONTENT_LENGTH.length; index++) {
      const lower = input.peek(this.#lineStart + index)! | 0x20;
      if (lower !== CONTENT_LENGTH.charCodeAt(index)) return false;
    }
    return true;
  }

  #invalidLine(byte: number, input: ByteReader): MalformedFrameError {
    return byte === LF && (this.#part === "value" || this.#at === this.#lineStart)
      ? bareLF()
      : new MalformedFrameError(
        `invalid header line ${quotedFrom(input, this.#lineStart, this.#at + 1)}`,
      );
  }

  #invalidLength(byte: number, input: ByteReader): MalformedFrameError {
    if (byte === LF) return bareLF();
    const end = byte === CR ? this.#at : this.#at + 1;
    return new MalformedFrameError(
      `invalid Content-Length ${quotedFrom(input, this.#valueStart, end)}`,
    );
  }
}

function bareLF(): MalformedFrameError {
  return new MalformedFrameError("header line ends with LF, expected CRLF");
}

function quotedFrom(input: ByteReader, start: number, end: number): string {
  const length = Math.min(end - start, QUOTED_BYTES);
  return quoted(Uint8Array.from({ length }, (_, index) => input.peek(start + index)!));
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** Whether a byte is a control character other than a tab, which a field value cannot contain. */
function isControl(byte: number): boolean {
  return (byte < SPACE && byte !== TAB) || byte === DELETE;
}

function isToken(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) ||
    TOKEN_PUNCTUATION.includes(String.fromCharCode(byte));
}
