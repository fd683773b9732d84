import type { ByteReader } from "../bytes/byte_reader.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";

/** Maximum length of a line in bytes. */
const MAX_LINE = 65_536;
/** Number of bytes of a line that are looked at one by one. */
const SHORT = 32;
/** Maximum number of digits of a length or a count. */
const MAX_DIGITS = 15;
const CR = 0x0d;
const LF = 0x0a;
const END = /* @__PURE__ */ Uint8Array.of(LF);
const MINUS = 0x2d;
export const LINE = 0;
export const BLOCK = -1;
export const BULK = 0x24;
export const ARRAY = 0x2a;
export const ATTRIBUTES = 0x7c;
/** What follows a line, by type: nothing, bytes, or one or two values for each one that it counts. */
export const FOLLOWS: { readonly [type: number]: number } = {
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
  readonly at: number;
  /** Number of values that are missing. */
  readonly left: number;
}

/** Values of RESP, whole: the lengths and counts in them are summed up, so that depth costs nothing. */
export const respFramer: Framer = {
  measure(input) {
    let { at, left } = input.memo as Scan | undefined ?? START;
    for (;;) {
      // The last bytes of a whole value are not awaited: they are checked when all of it has arrived.
      if (input.length < at) {
        if (left === 0) break;
        return wait(input, at, left);
      }
      if (at > 0 && (input.peek(at - 1) !== LF || input.peek(at - 2) !== CR)) {
        throw new MalformedFrameError(NO_CRLF);
      }
      if (left === 0) break;
      const type = input.peek(at);
      if (type === undefined) return wait(input, at, left);
      const follows = FOLLOWS[type];
      if (follows === undefined) throw new MalformedFrameError("unknown type");
      if (follows === LINE) {
        const end = lineEnd(input, at);
        if (end === undefined) return wait(input, at, left);
        at = end + 1;
        left--;
        continue;
      }
      let position = at + 1;
      let byte = input.peek(position);
      const negative = byte === MINUS && (type === BULK || type === ARRAY);
      if (negative) byte = input.peek(++position);
      const first = position;
      let size = 0;
      while (byte !== undefined && byte >= 0x30 && byte <= 0x39 && position < first + MAX_DIGITS) {
        size = size * 10 + byte - 0x30;
        byte = input.peek(++position);
      }
      if (byte === undefined) return wait(input, at, left);
      if (byte !== CR || position === first || negative && (size !== 1 || position > first + 1)) {
        throw new MalformedFrameError("length is invalid: expected decimal digits");
      }
      // Bytes follow, and the end of the line is not looked at again.
      const end = input.peek(position + 1);
      if (end === undefined) return wait(input, at, left);
      if (end !== LF) throw new MalformedFrameError(NO_CRLF);
      at = position + 2;
      left--;
      if (negative) continue;
      if (follows === BLOCK) at += size + 2;
      else left += size * follows;
      // The value that has the attributes comes next.
      if (type === ATTRIBUTES) left++;
    }
    // Of a long value that is skipped, the bytes before its end are not kept.
    input.memo = at > MAX_HEADER ? { at, left } satisfies Scan : undefined;
    return at;
  },
  write: (frame, output) => output.write(frame),
};

const NO_CRLF = "CRLF is missing";
const START: Scan = { at: 0, left: 1 };
const search = { from: 0, within: 0 };

function wait(input: ByteReader, at: number, left: number): undefined {
  input.memo = { at, left } satisfies Scan;
  input.atLeast(at);
}

/** Returns the position of the next LF. Most lines are short: a search costs more than a look at their bytes. */
function lineEnd(input: ByteReader, at: number): number | undefined {
  const stop = Math.min(input.length, at + SHORT);
  for (let position = at; position < stop; position++) {
    if (input.peek(position) === LF) return position;
  }
  if (stop < at + SHORT) return undefined;
  search.from = stop;
  // A search without a bound would mean that the length of the value is not known before its end.
  search.within = at + MAX_LINE;
  const end = input.find(END, search);
  if (end !== undefined || input.length - at <= MAX_LINE) return end;
  throw new MalformedFrameError(`line has more than ${MAX_LINE} bytes`);
}
