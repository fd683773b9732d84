import type { ByteReader } from "../bytes/byte_reader.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";

/** Maximum length of a line in bytes. */
const MAX_LINE = 65_536;
/** Number of bytes of a line that are looked at one by one. */
const SHORT = 32;
const CR = 0x0d;
const LF = 0x0a;
const END = /* @__PURE__ */ Uint8Array.of(LF);
const LINE = 0;
const BLOCK = -1;
const BULK = 0x24;
const ARRAY = 0x2a;
const ATTRIBUTES = 0x7c;
/** What follows a line, by type: nothing, bytes, or one or two values for each one that it counts. */
const FOLLOWS: { readonly [type: number]: number } = {
  0x2b: LINE,
  0x2d: LINE,
  0x3a: LINE,
  0x28: LINE,
  0x2c: LINE,
  0x23: LINE,
  0x5f: LINE,
  [BULK]: BLOCK,
  0x21: BLOCK,
  0x3d: BLOCK,
  [ARRAY]: 1,
  0x7e: 1,
  0x3e: 1,
  0x25: 2,
  [ATTRIBUTES]: 2,
};

/** How far a value has been scanned. */
interface Scan {
  /** Where the next line begins. */
  at: number;
  /** Number of values that are missing. */
  left: number;
}

/** Values of RESP, whole: the lengths and counts in them are summed up, so that depth costs nothing. */
export const respFramer: Framer = {
  measure(input) {
    const scan = (input.memo as Scan | undefined) ?? { at: 0, left: 1 };
    while (ended(input, scan.at)) {
      if (scan.left === 0) {
        input.memo = undefined;
        return scan.at;
      }
      if (!step(input, scan)) break;
    }
    input.memo = scan;
    input.atLeast(scan.at);
    return undefined;
  },
  write: (frame, output) => output.write(frame),
};

const search = { from: 0 };

/** Whether all bytes before a position have arrived, the last of which end a line or a string. */
function ended(input: ByteReader, at: number): boolean {
  if (input.length < at) return false;
  if (at === 0 || input.peek(at - 1) === LF && input.peek(at - 2) === CR) return true;
  throw new MalformedFrameError("CRLF after a string is missing");
}

/** Scans one line. Returns whether it has arrived. */
function step(input: ByteReader, scan: Scan): boolean {
  const { at } = scan;
  const type = input.peek(at);
  if (type === undefined) return false;
  const follows = FOLLOWS[type];
  if (follows === undefined) throw new MalformedFrameError("unknown type");
  const lf = lineEnd(input, at);
  if ((lf ?? input.length) - at > MAX_LINE) {
    throw new MalformedFrameError(`line has more than ${MAX_LINE} bytes`);
  }
  if (lf === undefined) return false;
  const end = lf - 1;
  if (input.peek(end) !== CR) {
    throw new MalformedFrameError("line ends with LF alone: expected CRLF");
  }
  scan.at = end + 2;
  scan.left--;
  if (follows === LINE) return true;
  const size = sizeIn(input, at + 1, end);
  if (size < 0 && type !== BULK && type !== ARRAY) throw invalidLength();
  if (size >= 0 && follows === BLOCK) scan.at += size + 2;
  else if (size > 0) scan.left += size * follows;
  // The value that has the attributes comes next.
  if (type === ATTRIBUTES) scan.left++;
  return true;
}

/** Returns the position of the next LF. Most lines are short: a search costs more than a look at their bytes. */
function lineEnd(input: ByteReader, at: number): number | undefined {
  const stop = Math.min(input.length, at + SHORT);
  for (let position = at; position < stop; position++) {
    if (input.peek(position) === LF) return position;
  }
  if (stop < at + SHORT) return undefined;
  search.from = stop;
  return input.find(END, search);
}

/** Returns a length or a count; -1 for null. */
function sizeIn(input: ByteReader, start: number, end: number): number {
  let size = 0;
  if (end === start || end - start > 15) throw invalidLength();
  for (let at = start; at < end; at++) {
    const digit = input.peek(at)! - 0x30;
    if (digit >= 0 && digit <= 9) size = size * 10 + digit;
    else if (at === start && digit === -3 && end - start === 2 && input.peek(at + 1) === 0x31) {
      return -1;
    } else throw invalidLength();
  }
  return size;
}

function invalidLength(): MalformedFrameError {
  return new MalformedFrameError("length is invalid: expected decimal digits");
}
