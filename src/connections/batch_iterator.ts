import type { MessageIterator } from "../flow/message_iterator.ts";
import type { Receiver } from "../flow/receiver.ts";
import { DONE } from "../flow/takes.ts";

/** Counts the iterators over batches that are in use. */
export interface BatchIterators {
  batchIterators: number;
}

/**
 * Iterates over all buffered messages at a time. It is in use while a call is pending, and from a batch to the
 * next error, the end or `return`.
 */
export class BatchIterator<In> implements MessageIterator<In[]> {
  readonly #receiver: Receiver<In>;
  readonly #count: BatchIterators;
  #pending = 0;
  /** Whether the last call has returned a batch. */
  #looping = false;
  #left = false;

  constructor(receiver: Receiver<In>, count: BatchIterators) {
    this.#receiver = receiver;
    this.#count = count;
  }

  async next(): Promise<IteratorResult<In[], undefined>> {
    if (this.#left) return DONE;
    this.#use(1, this.#looping);
    let value: In[] | undefined;
    try {
      value = await this.#receiver.batch();
      this.#left ||= value === undefined;
    } finally {
      this.#use(-1, value !== undefined && !this.#left);
    }
    return value === undefined ? DONE : { done: false, value };
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#left = true;
    this.#use(0, false);
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Counts pending calls, and this iterator as long as it is in use. */
  #use(calls: number, looping: boolean): void {
    const before = this.#pending > 0 || this.#looping;
    this.#pending += calls;
    this.#looping = looping;
    const after = this.#pending > 0 || looping;
    this.#count.batchIterators += Number(after) - Number(before);
  }
}
