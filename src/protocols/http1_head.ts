import type { ByteWriter } from "../bytes/byte_writer.ts";
import { MalformedFrameError } from "../errors.ts";
import { type Part, part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import { latin1 } from "./latin1.ts";
import { crlfLines, line, writeBlock } from "./text_parts.ts";

/** Header fields of HTTP: names and values in order, as `new Headers()` takes them. */
export type HttpHeaders = readonly (readonly [string, string])[];

/** The start line and the header fields of a message. */
export interface HttpHead {
  readonly start: string;
  readonly headers: HttpHeaders;
}

/** Maximum length of a head in bytes. */
const MAX_HEAD = 65_536;
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const CONTROL = /[\0-\x08\n-\x1f\x7f]/;

/** Reads lines. */
export const headLine: Part<string> = /* @__PURE__ */ line(MAX_HEAD, latin1);

/** Skips empty lines before a request (RFC 9112, 2.2). */
const startLine: Part<string> = /* @__PURE__ */ part({
  framer: {
    measure(input) {
      while (input.peek() === 0x0d && input.peek(1) === 0x0a) input.discard(2);
      return crlfLines.measure(input);
    },
    write: crlfLines.write,
  },
  codec: latin1,
});

/** Reads the start line and the header fields; at most 64 KiB. */
export function headPart(): Part<HttpHead> {
  return part({
    ...sequence<HttpHead, never>({
      *read() {
        return { start: yield* startLine, headers: yield* readHeaders() };
      },
    }),
    maxFrameLength: MAX_HEAD,
  });
}

/**
 * Reads header fields or trailers, and the empty line after them; at most 64 KiB.
 *
 * @param line Reads a line.
 */
export function headersPart(line: Part<string> = headLine): Part<HttpHeaders> {
  const read = () => readHeaders(line);
  return part({ ...sequence<HttpHeaders, never>({ read }), maxFrameLength: MAX_HEAD });
}

function* readHeaders(line: Part<string> = headLine): Generator<Part, HttpHeaders, unknown> {
  const headers: [string, string][] = [];
  for (let field; (field = yield* line) !== "";) {
    const colon = field.indexOf(":");
    const name = field.slice(0, Math.max(colon, 0));
    const value = trimmed(field.slice(colon + 1));
    // A line that begins with a space continues the last one in old programs (obs-fold): its name is no token.
    if (!TOKEN.test(name) || CONTROL.test(value)) {
      throw new MalformedFrameError("header field is invalid");
    }
    headers.push([name, value]);
  }
  return headers;
}

/** Removes spaces and tabs at both ends; a regular expression would be quadratic. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

function isSpace(text: string, at: number): boolean {
  return text[at] === " " || text[at] === "\t";
}

/** Returns the values of all fields with a name. */
export function valuesOf(headers: HttpHeaders, name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/**
 * Writes fields and the empty line after them.
 *
 * @throws {TypeError} A field is invalid.
 */
export function writeHeaders(
  headers: HttpHeaders,
  output: ByteWriter,
  encode: (line: string) => Uint8Array = latin1.encode,
): void {
  for (const [name, value] of headers) {
    if (!TOKEN.test(name) || CONTROL.test(value)) {
      throw new TypeError(`Cannot write header field ${JSON.stringify(name)}: it is invalid`);
    }
    writeBlock(encode(`${name}: ${value}`), output);
  }
  writeBlock(encode(""), output);
}
