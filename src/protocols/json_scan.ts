import type { ByteReader } from "../bytes/byte_reader.ts";

/** Record separator of RFC 7464, a control character that cannot occur inside JSON. */
export const SEPARATOR = 0x1e;

/** The kinds of bytes that matter to the structure; any other byte is 0. */
const SPACE = 1;
const QUOTE = 2;
const ESCAPE = 3;
const OPEN = 4;
const CLOSE = 5;
const MARK = 6;

/** Number of bytes that are looked at first: more than most values have. */
const FIRST_WINDOW = 256;

const kinds = /* @__PURE__ */ kindsOf([" \t\n\r", '"', "\\", "{[", "}]", "\x1e"]);

function kindsOf(groups: readonly string[]): Uint8Array {
  const kinds = new Uint8Array(256);
  for (const [index, group] of groups.entries()) {
    for (const character of group) kinds[character.charCodeAt(0)] = index + 1;
  }
  return kinds;
}

/** Returns whether a byte is white space of JSON. */
export function isSpace(byte: number | undefined): boolean {
  return kinds[byte!] === SPACE;
}

/**
 * Finds the end of a JSON value by its structure, at any depth without recursion. No byte is checked twice.
 * Whether the value is valid is found out when it is decoded.
 *
 * ```text
 *   {"a": [1, "}"]}   "text"   12 ␠   true
 *                 ▲        ▲     ▲
 *   ends after the last bracket or the quote; otherwise before white space, a bracket or a quote
 * ```
 */
export class JsonScan {
  /** Number of bytes before the value. */
  start = 0;
  /** Whether the value is a number or a literal, which only the bytes after it end. */
  bare = false;
  /** Number of bytes checked so far. */
  #at = 0;
  /** Number of open brackets. */
  #depth = 0;
  #inText = false;
  /** Whether the next byte comes after a backslash in a text. */
  #escapes = false;

  /** Passes white space before the value. */
  skipSpaces(input: ByteReader): void {
    while (isSpace(input.peek(this.start))) this.start++;
  }

  /**
   * Checks the bytes that have arrived since the last call. The first byte of the value has arrived.
   *
   * @returns The length of the value; `undefined` if its end has not arrived.
   */
  length(input: ByteReader): number | undefined {
    if (this.#at === 0) {
      const kind = kinds[input.peek(this.start)!]!;
      this.bare = kind !== QUOTE && kind !== OPEN;
      // Whatever its first byte is: an empty value would be found again and again.
      if (this.bare) this.#at = 1;
    }
    input.skip(this.start);
    const length = this.bare ? this.#bareLength(input) : this.#boundedLength(input);
    input.skip(-this.start);
    return length;
  }

  #bareLength(input: ByteReader): number | undefined {
    for (let byte; (byte = input.peek(this.#at)) !== undefined; this.#at++) {
      const kind = kinds[byte]!;
      if (kind !== 0 && kind !== ESCAPE && kind !== CLOSE) return this.#at;
    }
    return undefined;
  }

  #boundedLength(input: ByteReader): number | undefined {
    for (let window = FIRST_WINDOW; this.#at < input.length; window *= 2) {
      // A loop over an array is several times as fast as `peek`.
      input.skip(this.#at);
      const bytes = input.look(Math.min(window, input.length))!;
      input.skip(-this.#at);
      const end = this.#endIn(bytes);
      this.#at += end ?? bytes.length;
      if (end !== undefined) return this.#at;
    }
    return undefined;
  }

  /** Checks bytes. Returns the offset of the end of the value; `undefined` if it is not among them. */
  #endIn(bytes: Uint8Array): number | undefined {
    let depth = this.#depth;
    let inText = this.#inText;
    let escaped = this.#escapes ? 0 : -1;
    for (let at = 0; at < bytes.length; at++) {
      const kind = kinds[bytes[at]!]!;
      if (kind <= SPACE) continue;
      if (kind === MARK) return at;
      if (inText) {
        if (at === escaped) continue;
        if (kind === ESCAPE) escaped = at + 1;
        if (kind !== QUOTE) continue;
        inText = false;
      } else if (kind === QUOTE) {
        inText = true;
        continue;
      } else if (kind === OPEN) {
        depth++;
      } else if (kind === CLOSE) {
        depth--;
      }
      if (depth === 0) return at + 1;
    }
    this.#depth = depth;
    this.#inText = inText;
    this.#escapes = escaped === bytes.length;
    return undefined;
  }
}
