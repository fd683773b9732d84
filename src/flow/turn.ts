import { afterTurn } from "../async/after_turn.ts";

/** Something whose pending messages a {@link Turn} flushes. */
export interface Flushing {
  /** Writes pending messages. */
  flushTurn(): void;
}

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
  readonly #flushing: Flushing;
  #state: "new" | "begun" | "microtask" | "end" = "new";

  constructor(flushing: Flushing) {
    this.#flushing = flushing;
  }

  /** Schedules a flush, unless there is one. */
  schedule(): void {
    if (this.#state === "new") {
      this.#state = "microtask";
      queueMicrotask(this.#flush);
    } else if (this.#state === "begun") {
      this.#state = "end";
      afterTurn(this.#flush);
    }
  }

  /** Begins another turn. */
  renew(): void {
    if (this.#state === "begun") this.#state = "new";
  }

  readonly #flush = (): void => {
    this.#state = this.#state === "microtask" ? "begun" : "new";
    this.#flushing.flushTurn();
  };
}
