/** A connection that receives little needs little memory. */
const LEAST = 2048;
const MOST = 65_536;

/** After this number of small chunks the memory is too long. */
const PATIENCE = 16;

/** How much to read at a time: four times as much when it was too little, a fourth when it is too much for long. */
export class ReadSize {
  /** Length of the memory for the next chunk, in bytes. */
  length: number = LEAST;
  /** Number of small chunks in a row. */
  #small = 0;

  /** Takes note that a read has brought `count` bytes, and had room for `room`. */
  note(count: number, room: number): void {
    this.#small = count * 16 < this.length ? this.#small + 1 : 0;
    if (count === room) this.length = Math.min(this.length * 4, MOST);
    else if (this.#small > PATIENCE) this.length = Math.max(this.length / 4, LEAST);
  }
}
