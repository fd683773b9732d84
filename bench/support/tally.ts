/** What was found in a stream: frames, the sum of their lengths, the sum of their first bytes. */
export interface Tally {
  readonly frames: number;
  readonly lengths: number;
  readonly firsts: number;
}

/** Counts frames, by position or as views. */
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

/** Throws if `found` is not what was expected. */
export function expectTally(name: string, found: Tally, expected: Tally): void {
  for (const key of ["frames", "lengths", "firsts"] as const) {
    if (found[key] === expected[key]) continue;
    throw new Error(`${name} found ${found[key]} ${key}, expected ${expected[key]}`);
  }
}
