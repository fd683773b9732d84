import { FrameEncoder } from "../../mod.ts";
import { Count } from "../support/tally.ts";
import type { Work } from "../support/work.ts";
import { framesOf, type Workload } from "../support/workloads.ts";

/** Bytes after which the output is drained, as for a socket. */
const FULL = 65_536;

/** Payloads of this length or more are not copied. */
const LARGE = 8192;

/** Implementations that encode frames, by name. */
export function encoding(work: Workload): Record<string, Work> {
  if (work.name !== "W1" && work.name !== "W2" && work.name !== "W3") return {};
  const frames = framesOf(work);
  const protocol = { framer: work.framer, maxFrameLength: frames[0]!.length };
  return {
    "one growing buffer by hand": () => byHand(frames),
    "FrameEncoder": () => {
      const sent = new Count();
      const encoder = new FrameEncoder(protocol);
      let length = 0;
      for (const frame of frames) {
        encoder.write(frame);
        sent.add(frame);
        if (encoder.pending >= FULL) length += lengthOf(encoder.drain());
      }
      length += lengthOf(encoder.drain());
      check(length, work);
      return sent;
    },
  };

  /** Copies headers and small payloads into one buffer, which is emitted when full. */
  function byHand(frames: readonly Uint8Array[]): Count {
    const sent = new Count();
    let buffer = new Uint8Array(2 * FULL);
    let [from, to, length] = [0, 0, 0];
    for (const frame of frames) {
      const size = frame.length;
      if (to - from + size > FULL) {
        length += lengthOf([buffer.subarray(from, to)]);
        from = to;
      }
      if (to + 4 + Math.min(size, LARGE) > buffer.length) {
        length += lengthOf([buffer.subarray(from, to)]);
        buffer = new Uint8Array(2 * FULL);
        from = to = 0;
      }
      buffer[to] = size >>> 24;
      buffer[to + 1] = size >>> 16;
      buffer[to + 2] = size >>> 8;
      buffer[to + 3] = size;
      to += 4;
      if (size >= LARGE) {
        length += lengthOf([buffer.subarray(from, to), frame]);
        from = to;
      } else {
        buffer.set(frame, to);
        to += size;
      }
      sent.add(frame);
    }
    length += lengthOf([buffer.subarray(from, to)]);
    check(length, work);
    return sent;
  }
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

function check(length: number, { bytes }: Workload): void {
  if (length !== bytes.length) throw new Error(`Encoded ${length} bytes, expected ${bytes.length}`);
}
