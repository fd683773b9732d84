import { FrameEncoder } from "../../mod.ts";
import type { Work } from "../support/work.ts";
import type { Workload } from "../support/workloads.ts";
import { framesOf } from "./frames.ts";
import { Count } from "../support/count.ts";

/** So much is written before it is handed on, as a socket takes it. */
const FULL = 65_536;

/** Payloads of this length or more are handed on as they are. */
const LARGE = 8192;

/** Everybody who makes bytes of frames, by name. */
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

  /** Header and payload go into one buffer, which is handed on when it is full; large payloads as they are. */
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
  if (length !== bytes.length) throw new Error(`${length} bytes, not ${bytes.length}`);
}
