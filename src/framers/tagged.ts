import { ByteQueue } from "../bytes/byte_queue.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "./framer.ts";

/** For each type byte, what follows it: so many bytes, or what another framer says. */
export type TagTable = { readonly [type: number]: number | Framer };

/**
 * Frames that begin with a byte for their type, which tells how long they are.
 *
 * ```text
 *   ┌──────┬──────────────────┬──────┬─────────────────────┐
 *   │ type │ so many bytes    │ type │ another frame       │
 *   └──────┴──────────────────┴──────┴─────────────────────┘
 * ```
 *
 * The type stays in the frame, and so does whatever stands between it and its end, such as the length
 * in front of another framer's frame; only what that framer drops behind its frame is left out.
 *
 * @param table For each type byte, how many bytes follow it, or the framer of what follows it.
 * @throws {RangeError} A type is no byte, or a length no integer from 0.
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
 */
export function tagged(table: TagTable): Framer {
  const entries = new Map<number, number | Framer>();
  for (const [key, entry] of Object.entries(table)) {
    const type = Number(key);
    if (!(Number.isInteger(type) && type >= 0 && type <= 255)) {
      throw new RangeError(`Cannot tag frames with ${key}: a type is a byte`);
    }
    if (typeof entry === "number" && !(Number.isSafeInteger(entry) && entry >= 0)) {
      throw new RangeError(`Cannot make frames of ${entry} bytes behind type ${type}`);
    }
    entries.set(type, entry);
  }
  return {
    measure(input) {
      const type = input.peek();
      if (type === undefined) return undefined;
      const entry = entries.get(type);
      if (entry === undefined) throw new MalformedFrameError(`no frame has type ${type}`);
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
      const entry = type === undefined ? undefined : entries.get(type);
      if (entry === undefined) throw new TypeError(`Cannot write frame: no frame has type ${type}`);
      if (typeof entry === "number") {
        if (frame.length !== 1 + entry) {
          throw new RangeError(
            `Cannot write frame of ${frame.length} bytes: type ${type} has ${1 + entry}`,
          );
        }
        return output.write(frame);
      }
      const payload = withoutHeader(entry, frame.subarray(1));
      const start = output.length;
      output.writeUint(type!, 1);
      entry.write(payload, output);
      for (let at = 1; at < frame.length - payload.length; at++) {
        if (output.peek(start + at) !== frame[at]) {
          throw new TypeError("Cannot write frame: its header is not the one that is written");
        }
      }
    },
  };
}

/** Takes off what the framer will write in front of the frame. */
function withoutHeader(framer: Framer, frame: Uint8Array): Uint8Array {
  const input = new ByteQueue();
  input.push(frame);
  let length: number | undefined;
  try {
    length = framer.measure(input);
  } catch (cause) {
    throw new TypeError(`Cannot write frame: ${(cause as Error).message}`, { cause });
  }
  const payload = frame.subarray(frame.length - input.length);
  // A framer that looks for the end of the frame refuses a frame that holds it itself.
  if (length === payload.length || input.scanned) return payload;
  throw new RangeError(
    `Cannot write frame of ${1 + frame.length} bytes: its header tells ${length ?? "nothing"}`,
  );
}
