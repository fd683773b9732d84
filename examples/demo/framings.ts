/**
 * Every framing of the core, with the messages that the demo sends by it.
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

/** A framing with a name, and what is sent by it. */
export interface Framing extends Protocol {
  readonly name: string;
  /** Many small messages, sent without waiting. */
  readonly pipelined: readonly Uint8Array[];
  /** A few, each sent when the reply to the one before has come. */
  readonly oneByOne: readonly Uint8Array[];
}

const MEBIBYTE = 1_048_576;
const encoder = new TextEncoder();

/** Text of so many bytes without any delimiter of the framings below. */
function letters(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0x41 + (index * 7 + seed) % 26);
}

function framing(
  name: string,
  framer: Framer,
  large: number,
  dress: (message: Uint8Array) => Uint8Array = (message) => message,
  lengths: readonly number[] = [0, 1, 2, 5, 64, 200],
): Framing {
  const pipelined = Array.from({ length: lengths.length === 0 ? 0 : 300 }, (_, index) => {
    return dress(letters(lengths[index % lengths.length]!, index));
  });
  const oneByOne = [...lengths, large].map((length) => dress(letters(length)));
  return { name, framer, maxFrameLength: 8 * MEBIBYTE, pipelined, oneByOne };
}

/** The message behind something that tells its length. */
function behind(head: (length: number) => string): (message: Uint8Array) => Uint8Array {
  return (message) => {
    const start = encoder.encode(head(message.length));
    const dressed = new Uint8Array(start.length + message.length);
    dressed.set(start);
    dressed.set(message, start.length);
    return dressed;
  };
}

function withEnd(end: string): (message: Uint8Array) => Uint8Array {
  return (message) => encoder.encode(new TextDecoder().decode(message) + end);
}

function numberAtEnd(header: Uint8Array): number {
  return Number(/ (\d+)$/.exec(new TextDecoder().decode(header))?.[1]);
}

const message5 = [5];

/** All of them. */
export const framings: readonly Framing[] = [
  framing("fixed", fixed(5), 5, undefined, message5),
  framing("fixed, 3 MiB", fixed(3 * MEBIBYTE), 3 * MEBIBYTE, undefined, []),
  framing("delimited", delimited("\r\n"), 2 * MEBIBYTE),
  framing("delimited, several", delimited(["\n", "\r\n", ";"]), 2 * MEBIBYTE),
  framing("delimited, kept", delimited("\0", { keep: true }), 2 * MEBIBYTE, withEnd("\0")),
  framing("lines", lines(), 3 * MEBIBYTE),
  framing("lines, strict", lines({ strict: true }), 70_000),
  framing("uint8", lengthPrefixed(uint8), 255),
  framing("uint16", lengthPrefixed(uint16), 65_535),
  framing("uint16LE", lengthPrefixed(uint16LE), 65_535),
  framing("uint24", lengthPrefixed(uint24), MEBIBYTE),
  framing("uint24LE", lengthPrefixed(uint24LE), MEBIBYTE),
  framing("uint32", lengthPrefixed(uint32), 5 * MEBIBYTE),
  framing("uint32LE", lengthPrefixed(uint32LE), MEBIBYTE),
  framing("uint48", lengthPrefixed(uint48), MEBIBYTE),
  framing("uint48LE", lengthPrefixed(uint48LE), MEBIBYTE),
  framing("uint64", lengthPrefixed(uint64), MEBIBYTE),
  framing("uint64LE", lengthPrefixed(uint64LE), MEBIBYTE),
  framing("varint", lengthPrefixed(varint), 3 * MEBIBYTE),
  framing("decimal(5)", lengthPrefixed(decimal(5)), 99_999),
  framing("decimalUntil", lengthPrefixed(decimalUntil(" ")), MEBIBYTE),
  framing("hex, inclusive", lengthPrefixed(inclusive(hex(4), 4)), 65_531),
  framing("lengthField", lengthField({ offset: 2, size: 3, counts: "frame" }), MEBIBYTE),
  framing(
    "lengthField, kept",
    lengthField({ offset: 1, size: 2, littleEndian: true, counts: "field", skip: 0 }),
    60_000,
    behind((length) => `Q${String.fromCharCode((length + 2) % 128, 0)}`),
    [0, 1, 2, 5, 64, 100],
  ),
  framing("netstring", netstring(), 2 * MEBIBYTE),
  framing(
    "tagged",
    tagged({ 0x23: 5, 0x2b: lines() }),
    MEBIBYTE,
    behind((length) => {
      return length === 5 ? "#" : "+";
    }),
  ),
  framing("headed", headed("\r\n", numberAtEnd, { header: (n) => `SIZE ${n}` }), MEBIBYTE),
  framing(
    "headed, kept",
    headed("\r\n", numberAtEnd, { keep: true }),
    MEBIBYTE,
    behind((length) => `MSG news ${length}\r\n`),
  ),
  framing("contentLength", contentLength(), 2 * MEBIBYTE),
  framing("marked", marked("\x0b", "\x1c\r"), MEBIBYTE),
  framing("untilClose", untilClose(), 4 * MEBIBYTE, undefined, []),
].map(onlyWhatFits);

/** Leaves out what the framing itself cannot send: the kept length field says what fits it. */
function onlyWhatFits(framing: Framing): Framing {
  return framing.name === "lengthField, kept"
    ? { ...framing, oneByOne: framing.oneByOne.slice(0, -1) }
    : framing;
}
