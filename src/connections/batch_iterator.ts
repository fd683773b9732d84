import type { MessageIterator } from "../flow/message_iterator.ts";
import type { Receiver } from "../flow/receiver.ts";
import { DONE } from "../flow/takes.ts";

/** Counts the iterators over batches that are in use. */
export interface BatchIterators {
  batchIterators: number;
}

/** Iterates over all buffered messages at a time. It is in use from `next` to the end, an error or `return`. */
export class BatchIterator<In> implements MessageIterator<In[]> {
  readonly #receiver: Receiver<In>;
  readonly #count: BatchIterators;
  #state: "idle" | "used" | "left" = "idle";

  constructor(receiver: Receiver<In>, count: BatchIterators) {
    this.#receiver = receiver;
    this.#count = count;
  }

  async next(): Promise<IteratorResult<In[], undefined>> {
    if (this.#state === "left") return DONE;
    if (this.#state === "idle") this.#count.batchIterators++;
    this.#state = "used";
    try {
      const value = await this.#receiver.batch();
      if (value !== undefined) return { done: false, value };
    } catch (error) {
      this.#leave("idle");
      throw error;
    }
    this.#leave("left");
    return DONE;
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#leave("left");
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #leave(state: "idle" | "left"): void {
    if (this.#state === "used") this.#count.batchIterators--;
    this.#state = state;
  }
}
