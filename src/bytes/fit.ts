/** Who is sent little needs little memory. */
const LEAST = 2048;
/** After so many small chunks memory is too long. */
const PATIENCE = 16;

/**
 * How much memory to read into: a stream that fills it gets four times as much, up to a limit, and one
 * that leaves most of it empty for long gets less.
 */
export class Fit {
  readonly #most: number;
  #length: number = LEAST;
  /** So many chunks in a row were small. */
  #small = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How much to read into next, in bytes. */
  get length(): number {
    return this.#length;
  }

  /** Says how much a read has brought for which there was so much `room`. */
  tell(count: number, room: number): void {
    this.#small = count * 16 < this.#length ? this.#small + 1 : 0;
    if (count === room) this.#length = Math.min(this.#length * 4, this.#most);
    else if (this.#small > PATIENCE) this.#length = Math.max(this.#length / 4, LEAST);
  }
}
