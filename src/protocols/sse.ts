import { lenientText, readingLines } from "../codecs/text.ts";
import { afterBom } from "../framers/after_bom.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";

/** An event of an event stream. Members are absent if the event does not have them. */
export interface ServerSentEvent {
  /** The data, its lines joined with LF. Browsers dispatch no event without it. */
  readonly data?: string;
  /** The type; browsers take `"message"` for an absent or empty one. */
  readonly event?: string;
  /** The id, for the header `Last-Event-ID` after a reconnection; later events without an id keep it. */
  readonly id?: string;
  /** Pause in milliseconds before a reconnection. */
  readonly retry?: number;
  /** The text of the comments, joined with LF. Servers send comments to keep a connection open. */
  readonly comment?: string;
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const OPTIONAL = { optional: true };
const ONLY_LF = /* @__PURE__ */ Uint8Array.of(LF);
const strings = /* @__PURE__ */ lenientText();
const ONLY_CR = /* @__PURE__ */ Uint8Array.of(CR);
/** The last line end of an event and the first byte of the blank line after it. */
const LF_LF = /* @__PURE__ */ Uint8Array.of(LF, LF);
const LF_CR = /* @__PURE__ */ Uint8Array.of(LF, CR);
const CR_CR = /* @__PURE__ */ Uint8Array.of(CR, CR);

/**
 * Server-sent events: the event streams of `EventSource`, which many services also send in response to a
 * `fetch` (WHATWG HTML, sections 9.2.5 and 9.2.6).
 *
 * ```text
 *   ┌─────────────────────────┬────────────┐
 *   │ event: add LF           │            │   a line ends with LF, CR or CRLF
 *   │ data: one LF            │ blank line │
 *   │ data: two LF            │            │
 *   └─────────────────────────┴────────────┘
 * ```
 *
 * An event is read as soon as its blank line has arrived. Events without data are read, too: they may set the id
 * or the retry time, or be comments. Unknown fields are ignored, and so are an id with NUL and a retry time that is
 * not a number. Invalid UTF-8 is replaced by U+FFFD. An unfinished event at the end of the stream is discarded, and
 * reported to `onInvalid`. A line end in sent data is received as LF.
 *
 * The default limit is 16 MiB: services send images and files in Base64.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readFrames } from "@framewright/framewright";
 * import { sse } from "@framewright/framewright/protocols";
 *
 * const response = new Response("event: add\ndata: one\ndata: two\n\n: ping\n\ndata: [DONE]\n\n");
 * const received: string[] = [];
 * for await (const { event, data } of readFrames(response.body!, sse())) {
 *   if (data === "[DONE]") break;
 *   if (data !== undefined) received.push(`${event}: ${data}`);
 * }
 * assert.deepEqual(received, ["add: one\ntwo"]);
 * ```
 */
export function sse(): Protocol<ServerSentEvent> {
  return {
    framer: afterBom(blocks),
    codec: { ...readingLines(decode), encode: (event) => strings.encode(encode(event)) },
    maxFrameLength: 16 * 2 ** 20,
  };
}

/** Lines up to a blank one. */
const blocks: Framer = {
  measure(input) {
    let blank = 0;
    while (isLineEnd(input.peek(blank))) blank++;
    if (blank > 0) input.discard(blank);
    let end = input.find(LF_LF);
    // Rare, and one search for a CR is faster than two for the ends that contain one.
    const cr = input.find(ONLY_CR);
    if (cr !== undefined && (end === undefined || cr < end)) {
      for (const other of [LF_CR, CR_CR]) {
        const at = input.find(other);
        if (at !== undefined && (end === undefined || at < end)) end = at;
      }
    }
    if (end === undefined) {
      if (input.ended) input.discard(input.length, "the stream ended inside an event");
      return undefined;
    }
    input.drop(2);
    if (input.peek(end + 1) === CR) {
      // Required if it is here already, which is faster.
      if (input.peek(end + 2) === LF) input.drop(1);
      else input.expect(ONLY_LF, OPTIONAL);
    }
    return end;
  },
  write(frame, output) {
    output.write(frame);
    output.write(LF_LF);
  },
};

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}

/** The names of the fields by their first byte; a comment has none. */
const NAMES: { readonly [byte: number]: string } = {
  0x64: "data",
  0x65: "event",
  0x69: "id",
  0x72: "retry",
  [COLON]: "",
};

/** Returns the event in `text[start, end)`. */
function decode(text: string, start: number, end: number): ServerSentEvent {
  const event: { -readonly [Key in keyof ServerSentEvent]: ServerSentEvent[Key] } = {};
  for (let at = start, next; at < end; at = next + 1) {
    next = text.indexOf("\n", at);
    // The text may go on after the event.
    if (next < 0 || next > end) next = end;
    const name = nameAt(text, at, next);
    if (name === undefined) continue;
    const colon = at + name.length;
    const value = text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, next);
    if (name === "data") event.data = joined(event.data, value);
    else if (name === "event") event.event = value;
    else if (name === "id" && !value.includes("\0")) event.id = value;
    else if (name === "retry" && /^[0-9]{1,15}$/.test(value)) event.retry = Number(value);
    else if (name === "") event.comment = joined(event.comment, value);
  }
  return event;
}

/** Returns the name of the field in a line, if it is known: a colon follows it, or the end of the line. */
function nameAt(text: string, start: number, end: number): string | undefined {
  const name = NAMES[text.charCodeAt(start)];
  if (name === undefined || !text.startsWith(name, start)) return undefined;
  const at = start + name.length;
  return at === end || text.charCodeAt(at) === COLON ? name : undefined;
}

function joined(lines: string | undefined, line: string): string {
  return lines === undefined ? line : `${lines}\n${line}`;
}

function linesOf(text: string): string[] {
  return text.split(/\r\n?|\n/);
}

function encode({ comment, event, id, retry, data }: ServerSentEvent): string {
  const lines: string[] = [];
  for (const line of comment === undefined ? [] : linesOf(comment)) lines.push(`: ${line}`);
  if (event !== undefined) lines.push(`event: ${lineOf("event", event)}`);
  if (id !== undefined) lines.push(`id: ${lineOf("id", id)}`);
  if (retry !== undefined) lines.push(`retry: ${digitsOf(retry)}`);
  for (const line of data === undefined ? [] : linesOf(data)) lines.push(`data: ${line}`);
  if (lines.length === 0) throw new TypeError("Cannot write event: it has no fields");
  return lines.join("\n");
}

/** Returns the value of a field that has a single line. */
function lineOf(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  throw new TypeError(`Cannot write event: its ${name} has a line end or NUL`);
}

function digitsOf(retry: number): number {
  if (Number.isSafeInteger(retry) && retry >= 0) return retry;
  throw new RangeError(`Invalid retry ${retry}: expected a non-negative integer`);
}
