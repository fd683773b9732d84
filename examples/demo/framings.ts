/**
 * Every framing of the core, with the messages that the demo sends by it: empty, small and large,
 * as far as the framing can carry them.
 *
 * @module
 */

import {
  contentLength,
  decimal,
  decimalUntil,
  delimited,
  fixed,
  type Framer,
  headed,
  hex,
  inclusive,
  lengthField,
  type LengthPrefix,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  type Protocol,
  tagged,
  uint16,
  uint16LE,
  uint24,
  uint24LE,
  uint32,
  uint32LE,
  uint48,
  uint48LE,
  uint64,
  uint64LE,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { bytes, join, LARGE, noise, pieces, prose, slices } from "./messages.ts";

/** A framing, and what is sent by it. */
export interface Framing extends Protocol {
  /** What it is called where two peers agree on it. */
  readonly name: string;
  /** What it is called in the table, where it may stand beside its like. */
  readonly row: string;
  /** Each is sent when the reply to the one before has come. */
  readonly requests: readonly Uint8Array[];
  /** All are sent without waiting. */
  readonly pipelined: readonly Uint8Array[];
}

/** So many of a framing's messages are sent one by one. */
const REQUESTS = 24;

/** Up to so many bytes a message is a request; longer ones are sent without waiting. */
const MOST_REQUEST = 1024;

function framing(
  name: string,
  framer: Framer,
  messages: readonly Uint8Array[],
  row: string = name,
): Framing {
  const small = messages.findIndex(({ length }) => length > MOST_REQUEST);
  const requests = Math.min(REQUESTS, small < 0 ? messages.length : small);
  return {
    name,
    row,
    framer,
    maxFrameLength: 2 * LARGE,
    requests: messages.slice(0, requests),
    pipelined: messages.slice(requests),
  };
}

/** The lengths that are met at the bounds of some prefix. */
const BOUNDS = [0, 1, 2, 3, 127, 128, 255, 256, 16_383, 16_384, 65_535, 65_536];

/** Many messages of any bytes, small, empty, and as long as the framing can carry them. */
function anyBytes(longest: number = LARGE): Uint8Array[] {
  const small = Array.from({ length: 100 }, (_, index) => noise(index * 7 % 160, index));
  const bounds = [...BOUNDS.filter((length) => length < longest), longest].map((length) =>
    noise(length)
  );
  return [...small, ...bounds, ...small];
}

/** Pieces of text, and in between an empty one, and one of several MiB. */
function text(separator: string | RegExp, except?: RegExp): Uint8Array[] {
  const small = pieces(separator);
  return [...small, bytes(""), prose(LARGE, except), ...small];
}

/** `lengthPrefixed` with each of the prefixes; they share a row of the table. */
function prefixed(prefixes: Record<string, LengthPrefix>, longest: number = LARGE): Framing[] {
  const row = `lengthPrefixed(${Object.keys(prefixes).join(" | ")})`;
  return Object.entries(prefixes).map(([name, prefix]) =>
    framing(`lengthPrefixed(${name})`, lengthPrefixed(prefix), anyBytes(longest), row)
  );
}

/** `lengthField` in one of its forms; they share a row of the table. */
function withField(form: string, framer: Framer, messages: Uint8Array[]): Framing {
  return framing(`lengthField(${form})`, framer, messages, "lengthField(…), four forms");
}

/** A message of PostgreSQL: a type, then a length that counts itself, then anything. */
function query(body: Uint8Array): Uint8Array {
  const header = new Uint8Array(5);
  new DataView(header.buffer).setUint32(1, body.length + 4);
  header[0] = 0x51;
  return join(header, body);
}

/** A message of the Language Server Protocol. */
function call(body: Uint8Array, id: number): Uint8Array {
  const line = new TextDecoder().decode(body);
  return new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", id, method: "say", line }));
}

/** What a line such as `MSG news 42` ends with. */
function lastNumber(header: Uint8Array): number {
  return Number(/ (\d{1,9})$/.exec(new TextDecoder().decode(header))?.[1]);
}

/** Paragraphs, an empty one, the README as a whole, and the most that five digits can tell. */
const paragraphs = [...pieces("\n\n"), bytes(""), prose(), prose(99_999)];

/** All of them. Python knows three of them too: `fixed(5)`, `lines()` and `decimal(5)`. */
export const framings: readonly Framing[] = [
  framing("fixed(5)", fixed(5), slices(5)),
  framing("fixed(3 MiB)", fixed(LARGE), [noise(LARGE), noise(LARGE, 1)]),
  framing('delimited("\\r\\n")', delimited("\r\n"), text("\n\n")),
  framing(
    'delimited(["\\n", "\\r\\n", ";"])',
    delimited(["\n", "\r\n", ";"]),
    text(/[\n;]/, /[\n;]/g),
  ),
  framing(
    'delimited("\\0", { keep: true })',
    delimited("\0", { keep: true }),
    text("\n\n").map((message) => join(message, bytes("\0"))),
  ),
  framing("lines()", lines(), text("\n", /\n/g)),
  framing("lines({ strict: true })", lines({ strict: true }), text("\n", /\n/g)),
  ...prefixed({ uint8 }, 255),
  ...prefixed({ uint16, uint16LE }, 65_535),
  ...prefixed({ uint24, uint24LE }),
  ...prefixed({ uint32, uint32LE }),
  ...prefixed({ uint48, uint48LE }),
  ...prefixed({ uint64, uint64LE }),
  ...prefixed({ varint }),
  framing("lengthPrefixed(decimal(5))", lengthPrefixed(decimal(5)), paragraphs),
  ...prefixed({ 'decimalUntil(" ")': decimalUntil(" ") }),
  ...prefixed({ "hex(8)": hex(8) }),
  ...prefixed({ "inclusive(hex(4), 4)": inclusive(hex(4), 4) }, 65_531),
  withField("frame", lengthField({ offset: 2, size: 3, counts: "frame" }), anyBytes()),
  withField("field", lengthField({ littleEndian: true, counts: "field" }), anyBytes()),
  withField("adjusted", lengthField({ size: 2, adjust: -2 }), anyBytes(65_533)),
  withField(
    "kept",
    lengthField({ offset: 1, counts: "field", skip: 0 }),
    anyBytes().map(query),
  ),
  framing("netstring()", netstring(), anyBytes()),
  framing(
    "tagged({ number, lines(), netstring() })",
    tagged({ 0x23: 4, 0x2b: lines(), 0x24: netstring() }),
    [
      ...pieces("\n").map((line) => join(bytes("+"), line)),
      ...anyBytes().map((body) => join(bytes(`$${body.length}:`), body)),
      ...pieces("\n").map((_, index) => join(bytes("#"), noise(4, index))),
    ],
  ),
  framing(
    "headed(…)",
    headed("\r\n", lastNumber, { header: (length) => `SIZE ${length}` }),
    anyBytes(),
  ),
  framing(
    "headed(…, { keep: true })",
    headed("\r\n", lastNumber, { keep: true }),
    anyBytes().map((body) => join(bytes(`MSG news ${body.length}\r\n`), body)),
  ),
  framing("contentLength()", contentLength(), text("\n").map(call)),
  framing('marked("\\x0b", "\\x1c\\r")', marked("\x0b", "\x1c\r"), text("\n\n")),
  framing("untilClose()", untilClose(), [prose(LARGE)]),
];
