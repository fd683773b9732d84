import { afterTurn } from "../async/after_turn.ts";

/** The progress of a decoder. */
interface Position {
  readonly offset: number;
  readonly buffered: number;
}

/**
 * Lets the event loop turn during a loop over buffered messages. Such a loop runs in microtasks, during which
 * no timer fires and some transports (`node:tls`) send nothing.
 */
export class Pace {
  readonly #limit: number | undefined;
  readonly #resume: () => void;
  /** Position in the stream at which this turn began. */
  #start = 0;
  #paused = false;

  /**
   * @param limit Number of bytes to take in one turn; `undefined`: no limit.
   * @param resume Called when the event loop has turned.
   */
  constructor(limit: number | undefined, resume: () => void) {
    // Without `setImmediate` there is no limit: a timer would delay messages by milliseconds.
    this.#limit = "setImmediate" in globalThis ? limit : undefined;
    this.#resume = resume;
  }

  /** Whether the event loop has yet to turn. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Begins a turn at a position in the stream, since bytes have arrived. */
  begin(offset: number): void {
    this.#start = offset;
  }

  /** Whether the event loop must turn before more is taken. Resumes afterwards. */
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
