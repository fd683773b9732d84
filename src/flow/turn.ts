import { afterTurn } from "../async/after_turn.ts";

/** A sender whose pending messages a {@link Turn} flushes. */
export interface Flushing {
  /** Writes pending messages. */
  write(): void;
}

/**
 * Decides when pending messages are flushed. The first message of a turn of the event loop is flushed in a
 * microtask, so that no reply is delayed; later messages of the same turn are flushed together at its end:
 *
 * ```text
 *   schedule ─┬─ the first of a turn ──▶ microtask ───┐
 *             └─ a later one ──────────▶ end of turn ─┴─▶ flush
 * ```
 *
 * A loop that awaits every `send` therefore makes no system call per message: awaiting a resolved promise
 * runs only microtasks. Waiting for the end of a turn makes the event loop poll once more, which costs as
 * much as a message, so a turn with a single message lasts until something arrives (`renew`).
 * `bench:tcp` measures both: the flood of messages and the ping-pong.
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

  /** Begins another turn, unless messages are scheduled. */
  renew(): void {
    if (this.#state === "begun") this.#state = "new";
  }

  readonly #flush = (): void => {
    this.#state = this.#state === "microtask" ? "begun" : "new";
    this.#flushing.write();
  };
}
