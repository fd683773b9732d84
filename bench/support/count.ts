import type { Tally } from "./workloads.ts";

/** Counts frames where they lie, or as views. */
export class Count implements Tally {
  frames = 0;
  lengths = 0;
  firsts = 0;

  readonly visit = (bytes: Uint8Array, start: number, end: number): void => {
    this.frames++;
    this.lengths += end - start;
    this.firsts += bytes[start]!;
  };

  add(frame: Uint8Array): void {
    this.frames++;
    this.lengths += frame.length;
    this.firsts += frame[0]!;
  }
}
