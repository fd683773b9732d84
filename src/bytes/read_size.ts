/** Who is sent little needs little memory. */
const LEAST = 2048;
const MOST = 65_536;
/** After so many small chunks the memory is too long. */
const PATIENCE = 16;

/** How much to read at a time: four times as much when it was too little, a fourth when it is too much for long. */
export class ReadSize {
  #length = LEAST;
  /** So many chunks in a row were small. */
  #small = 0;

  /** So many bytes. */
  get length(): number {
    return this.#length;
  }

  /** Says how much a read has brought, for which there was so much room. */
  tell(count: number, room: number): void {
    this.#small = count * 16 < this.#length ? this.#small + 1 : 0;
    if (count === room) this.#length = Math.min(this.#length * 4, MOST);
    else if (this.#small > PATIENCE) this.#length = Math.max(this.#length / 4, LEAST);
  }
}
