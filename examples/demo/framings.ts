/**
 * Every framing of the library, with the messages that the demo sends in it: empty, small and large
 * ones, as far as the framing can carry them.
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

/** A framing and its messages. */
export interface Framing extends Protocol {
  /** Name by which client and server agree on it. */
  readonly name: string;
  /** Row of the table, which several framings may share. */
  readonly row: string;
  /** Messages sent one by one: each after the reply to the previous one. */
  readonly requests: readonly Uint8Array[];
  /** Messages sent without waiting for replies. */
  readonly pipelined: readonly Uint8Array[];
}

/** Maximum number of messages of a framing that are sent one by one. */
const MAX_REQUESTS = 24;

/** Maximum length in bytes of a message that is sent one by one. */
const MAX_REQUEST_LENGTH = 1024;

function framing(
  name: string,
  framer: Framer,
  messages: readonly Uint8Array[],
  row: string = name,
): Framing {
  const large = messages.findIndex(({ length }) => length > MAX_REQUEST_LENGTH);
  const requests = Math.min(MAX_REQUESTS, large < 0 ? messages.length : large);
  return {
    name,
    row,
    framer,
    maxFrameLength: 2 * LARGE,
    requests: messages.slice(0, requests),
    pipelined: messages.slice(requests),
  };
}

/** Lengths at which some length prefix changes its size. */
const BOUNDS = [0, 1, 2, 3, 127, 128, 255, 256, 16_383, 16_384, 65_535, 65_536];

/** Returns messages of arbitrary bytes: empty, small, and up to `longest` bytes long. */
function anyBytes(longest: number = LARGE): Uint8Array[] {
  const small = Array.from({ length: 100 }, (_, index) => noise(index * 7 % 160, index));
  const bounds = [...BOUNDS.filter((length) => length < longest), longest].map((length) =>
    noise(length)
  );
  return [...small, ...bounds, ...small];
}

/** Returns messages of text: pieces of the README, an empty one, and one of {@link LARGE} bytes. */
function text(separator: string | RegExp, except?: RegExp): Uint8Array[] {
  const small = pieces(separator);
  return [...small, bytes(""), prose(LARGE, except), ...small];
}

/** Returns `lengthPrefixed` with each of the prefixes, in one row of the table. */
function prefixed(prefixes: Record<string, LengthPrefix>, longest: number = LARGE): Framing[] {
  const row = `lengthPrefixed(${Object.keys(prefixes).join(" | ")})`;
  return Object.entries(prefixes).map(([name, prefix]) =>
    framing(`lengthPrefixed(${name})`, lengthPrefixed(prefix), anyBytes(longest), row)
  );
}

/** Returns `lengthField` in one of its forms, which share a row of the table. */
function withField(form: string, framer: Framer, messages: Uint8Array[]): Framing {
  return framing(`lengthField(${form})`, framer, messages, "lengthField(…), four forms");
}

/** Returns a PostgreSQL message: a type, a length that includes itself, and a body. */
function query(body: Uint8Array): Uint8Array {
  const header = new Uint8Array(5);
  new DataView(header.buffer).setUint32(1, body.length + 4);
  header[0] = 0x51;
  return join(header, body);
}

/** Returns a message of the Language Server Protocol. */
function call(body: Uint8Array, id: number): Uint8Array {
  const line = new TextDecoder().decode(body);
  return new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", id, method: "say", line }));
}

/** Returns the number at the end of a line such as `MSG news 42`. */
function lastNumber(header: Uint8Array): number {
  return Number(/ (\d{1,9})$/.exec(new TextDecoder().decode(header))?.[1]);
}

/** Paragraphs, an empty one, the whole README, and the maximum length of five decimal digits. */
const paragraphs = [...pieces("\n\n"), bytes(""), prose(), prose(99_999)];

/** All framings. Python supports three of them: `fixed(5)`, `lines()` and `decimal(5)`. */
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
