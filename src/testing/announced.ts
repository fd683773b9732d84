import { concat } from "../bytes/concat.ts";
import { WriteQueue } from "../bytes/write_queue.ts";
import type { Framer } from "../framers/framer.ts";

/** Writes frames as if their bytes came from streams; `undefined` if the framer does not support it. */
export function announced(framer: Framer, frames: readonly Uint8Array[]): Uint8Array | undefined {
  if (framer.announce === undefined) return undefined;
  const output = new WriteQueue();
  for (const frame of frames) {
    const trailer = framer.announce(frame.length, output);
    output.write(frame);
    if (trailer !== undefined) output.write(trailer);
  }
  return concat(output.drain());
}
