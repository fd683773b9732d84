import { afterTurn } from "../async/after_turn.ts";

/**
 * Decides when pending messages are flushed. The first message of a turn of the event loop leaves in its
 * microtask, so that no reply waits; later messages of the same turn leave together at its end:
 *
 * ```text
 *   schedule ─┬─ the first of a turn ──▶ microtask ───┐
 *             └─ a later one ──────────▶ end of turn ─┴─▶ flush
 * ```
 *
 * So awaiting every message costs no system call for each: an awaited promise that is resolved already
 * lets only microtasks run. Waiting for the end of a turn makes the loop poll once more, which costs as
 * much as a message: so a turn with a single message lasts until something arrives (`renew`).
 */
export class Turn {
  readonly #flush: () => void;
  #begun = false;
  #scheduled = false;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  /** Schedules a flush, unless there is one. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (this.#begun) return afterTurn(this.#atEnd);
    this.#begun = true;
    queueMicrotask(this.#now);
  }

  /** Begins another turn. */
  renew(): void {
    if (!this.#scheduled) this.#begun = false;
  }

  readonly #now = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  readonly #atEnd = (): void => {
    this.#begun = false;
    this.#now();
  };
}
