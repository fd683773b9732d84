import type { Tally } from "./workloads.ts";

/** Counts lines that are strings. */
export class StringCount implements Tally {
  frames = 0;
  lengths = 0;
  firsts = 0;

  readonly add = (line: string): void => {
    this.frames++;
    this.lengths += line.length;
    this.firsts += line.charCodeAt(0);
  };
}
