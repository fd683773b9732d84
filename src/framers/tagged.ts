import { byteCount } from "../bytes/byte_count.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { hasMethods } from "../bytes/check_methods.ts";
import { concat } from "../bytes/concat.ts";
import { isLength } from "../bytes/is_length.ts";
import { WriteQueue } from "../bytes/write_queue.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "./framer.ts";
import { type SelfMeasure, selfMeasure } from "./self_measure.ts";

/** For each type byte, the number of bytes after it, or the framer of the rest. */
export type TagTable = { readonly [type: number]: number | Framer };

/** Returns the entry of a type byte; `undefined` if the type is unknown. */
export type TagLookup = (type: number) => number | Framer | undefined;

/**
 * Frames that begin with a type byte, which determines their length.
 *
 * ```text
 *   ┌──────┬──────────────┬──────┬─────────────────────────┐
 *   │ type │ fixed length │ type │ frame of another framer │
 *   └──────┴──────────────┴──────┴─────────────────────────┘
 * ```
 *
 * The type byte and any inner header stay in the frame; an inner trailer is removed.
 *
 * @param table For each type byte, from 0 to 255, the number of bytes after it, or the framer of the
 * rest; or a function that returns it. A type without an entry is malformed.
 * @throws {RangeError} A type is not an integer from 0 to 255, or a length is not a non-negative integer.
 * @throws {TypeError} An entry is neither a length nor a framer, for example `lines` in place of
 * `lines()`. The result of a function is checked when a frame is read or written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lines, tagged, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({
 *   framer: tagged({ 0x23: 2, 0x2b: lines() }), // "#" and two characters; "+" and a line
 *   codec: text(),
 * });
 * decoder.push(new TextEncoder().encode("#ab+OK\r\n#cd"));
 * assert.deepEqual([...decoder], ["#ab", "+OK", "#cd"]);
 * ```
 *
 * @example Bits of the type byte determine the length
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, tagged } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder(tagged((type) => type >> 6));
 * decoder.push(Uint8Array.of(0x40, 1, 0x80, 2, 3));
 * assert.deepEqual(decoder.readAll(), [Uint8Array.of(0x40, 1), Uint8Array.of(0x80, 2, 3)]);
 * ```
 */
export function tagged(table: TagTable | TagLookup): Framer {
  const entryOf = typeof table === "function"
    ? (type: number) => {
      const entry = table(type);
      if (entry !== undefined) requireEntry(type, entry);
      return entry;
    }
    : lookupIn(table);
  return {
    measure(input) {
      const type = input.peek();
      if (type === undefined) return undefined;
      const entry = entryOf(type);
      if (entry === undefined) throw new MalformedFrameError(`unknown frame type ${type}`);
      if (typeof entry === "number") return 1 + entry;
      const before = input.length;
      input.skip(1);
      const length = entry.measure(input);
      const header = before - input.length;
      input.skip(-header);
      if (length !== undefined) return header + length;
      input.atLeast(input.earliestEnd);
      return undefined;
    },
    write(frame, output) {
      const type = frame[0];
      if (type === undefined) throw new TypeError("Cannot write frame: it has no type byte");
      const entry = entryOf(type);
      if (entry === undefined) {
        throw new TypeError(`Cannot write frame: unknown frame type ${type}`);
      }
      if (typeof entry !== "number") return writeInner(entry, frame, output);
      const expected = 1 + entry;
      if (frame.length !== expected) {
        throw new RangeError(
          `Cannot write frame of ${byteCount(frame.length)}: expected ${expected} for type ${type}`,
        );
      }
      output.write(frame);
    },
  };
}

function lookupIn(table: TagTable): TagLookup {
  const entries = new Map<number, number | Framer>();
  for (const [key, entry] of Object.entries(table)) {
    const type = Number(key);
    // Numbers have other spellings, such as "", "0x1" and "1e1": only an array index is a type.
    if (!(Number.isInteger(type) && type >= 0 && type <= 255 && String(type) === key)) {
      throw new RangeError(
        `Invalid type ${JSON.stringify(key)}: expected an integer from 0 to 255`,
      );
    }
    requireEntry(type, entry);
    entries.set(type, entry);
  }
  return (type) => entries.get(type);
}

function requireEntry(type: number, entry: number | Framer): void {
  if (typeof entry === "number") {
    if (isLength(entry)) return;
    throw new RangeError(
      `Invalid length ${entry} of type ${type}: expected a non-negative integer`,
    );
  }
  if (hasMethods(entry, "measure", "write")) return;
  throw new TypeError(`Invalid entry for type ${type}: expected a length or a framer`);
}

/** Writes a frame of another framer after its type, if it contains the header that this framer writes. */
function writeInner(framer: Framer, frame: Uint8Array, output: ByteWriter): void {
  const rest = frame.subarray(1);
  const measured = measureInner(framer, rest);
  if (measured === undefined) {
    throw new RangeError(
      `Cannot write frame of ${byteCount(frame.length)}: its header does not give a length`,
    );
  }
  const { header, length } = measured;
  const start = output.length;
  output.writeUint(frame[0]!, 1);
  framer.write(rest.subarray(header), output);
  if (header + length !== rest.length) {
    throw new RangeError(
      `Cannot write frame of ${byteCount(frame.length)}: its header gives ${1 + header + length}`,
    );
  }
  for (let at = 1; at <= header; at++) {
    if (output.peek(start + at) === frame[at]) continue;
    throw new TypeError("Cannot write frame: its header differs from the one that is written");
  }
}

/**
 * Measures the bytes after the type. They lack the trailer, which is not part of the frame. A framer that
 * finds no end without it is asked again, with the trailer that it writes itself.
 */
function measureInner(framer: Framer, rest: Uint8Array): SelfMeasure | undefined {
  const measured = selfMeasure(framer, rest);
  if (measured !== undefined) return measured;
  const output = new WriteQueue();
  framer.write(rest, output);
  const written = concat(output.drain());
  const whole = selfMeasure(framer, written);
  if (whole?.length !== rest.length) return undefined;
  const trailer = written.subarray(whole.header + whole.length);
  return selfMeasure(framer, concat([rest, trailer]));
}
