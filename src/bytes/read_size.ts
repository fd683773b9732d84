/** Minimum and maximum length in bytes: a connection that receives little needs little memory. */
const MIN_LENGTH = 2048;
const MAX_LENGTH = 65_536;

/** Maximum number of small chunks in a row before the length is reduced. */
const MAX_SMALL = 16;

/** The length of the memory to read into: times four after a full read, a quarter after many small ones. */
export class ReadSize {
  /** Length of the memory for the next chunk, in bytes. */
  length: number = MIN_LENGTH;
  /** Number of small chunks in a row. */
  #small = 0;

  /** Adjusts the length after a read of `count` bytes into memory of `room` bytes. */
  note(count: number, room: number): void {
    this.#small = count * 16 < this.length ? this.#small + 1 : 0;
    if (count === room) this.length = Math.min(this.length * 4, MAX_LENGTH);
    else if (this.#small > MAX_SMALL) this.length = Math.max(this.length / 4, MIN_LENGTH);
  }
}
