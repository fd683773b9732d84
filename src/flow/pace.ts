import { afterTurn } from "../async/after_turn.ts";

/** How far a decoder has come. */
interface Position {
  readonly offset: number;
  readonly buffered: number;
}

/**
 * Lets the event loop turn during a loop over buffered messages. Such a loop runs in microtasks, in which
 * some transports send nothing (`node:tls`), and no timer fires.
 */
export class Pace {
  readonly #limit: number | undefined;
  readonly #resume: () => void;
  /** The position in the stream where this turn began. */
  #start = 0;
  #paused = false;

  /**
   * @param limit Number of bytes to take in one turn; `undefined`: no limit.
   * @param resume Called when the event loop has turned.
   */
  constructor(limit: number | undefined, resume: () => void) {
    // A timer in the place of `setImmediate` would take milliseconds.
    this.#limit = "setImmediate" in globalThis ? limit : undefined;
    this.#resume = resume;
  }

  /** Whether the event loop has still to turn. */
  get paused(): boolean {
    return this.#paused;
  }

  /** A turn begins at this position in the stream: bytes have arrived. */
  begin(offset: number): void {
    this.#start = offset;
  }

  /** Whether the event loop must turn before more is taken. */
  pauses(decoder: Position): boolean {
    if (this.#paused || this.#limit === undefined) return this.#paused;
    if (decoder.offset - this.#start < this.#limit || decoder.buffered === 0) return false;
    this.#paused = true;
    afterTurn(() => {
      this.#paused = false;
      this.#start = decoder.offset;
      this.#resume();
    });
    return true;
  }
}
