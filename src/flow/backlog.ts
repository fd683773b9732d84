import { BlockPool } from "../bytes/block_pool.ts";
import { WriteQueue } from "../bytes/write_queue.ts";

/** A part of the backlog that is written before the messages sent later. They wait until it is complete. */
export interface Section {
  readonly queue: WriteQueue;
  /** Whether nothing more will be added to the queue. */
  readonly complete: boolean;
  /** Called when it is the first section: `pending` bytes have not been accepted by the system. */
  proceed(pending: number): void;
  /** Called when nothing more can be sent. */
  fail(error: unknown): void;
}

/**
 * The bytes that have been sent and that the system has not accepted yet. The plain text before a TLS upgrade,
 * and each streamed frame, is a section of its own:
 *
 * ```text
 *   send ─▶ │ queue │ ─▶ … │ section │ ─▶ │ in flight │ ─▶ system
 * ```
 */
export class Backlog {
  /** The bytes of messages, in order. */
  readonly queue: WriteQueue = new WriteQueue(new BlockPool());
  /** What is written before the queue. */
  readonly #sections: Section[] = [];
  /** Number of bytes of the write in progress, and of those that the transport had written before it. */
  #inFlight = 0;
  #writtenBefore = 0;
  /** Number of bytes of the writes that have ended. */
  #written = 0;
  /** Number of bytes of streamed frames that have not been added yet. */
  announced = 0;

  /** Number of bytes that are not in flight. */
  get waiting(): number {
    let { length } = this.queue;
    if (this.first !== undefined) {
      for (const { queue } of this.#sections) {
        length += queue.length;
      }
    }
    return length;
  }

  /** The section that is written first, if any. */
  get first(): Section | undefined {
    return this.#sections[0];
  }

  /** Number of bytes that may be written now. */
  get ready(): number {
    while (this.first?.complete && this.first.queue.length === 0) this.#sections.shift();
    return (this.first ?? this).queue.length;
  }

  /** Whether a write is in progress. */
  get writing(): boolean {
    return this.#inFlight > 0;
  }

  /** Whether everything has been written. */
  get idle(): boolean {
    return !this.writing && this.waiting + this.announced === 0;
  }

  /** Number of bytes of all messages that were sent. */
  get sent(): number {
    return this.#written + this.#inFlight + this.waiting + this.announced;
  }

  /**
   * Number of bytes that the system has not accepted.
   *
   * @param written Number of bytes that the transport has written.
   */
  pending(written: number): number {
    return this.#inFlight === 0 ? this.waiting : this.waiting + this.#unaccepted(written);
  }

  /** Number of bytes of the write in progress that the system has not accepted. */
  #unaccepted(written: number): number {
    const accepted = written - this.#writtenBefore;
    return accepted > 0 ? Math.max(0, this.#inFlight - accepted) : this.#inFlight;
  }

  /** Lets the first section proceed. */
  proceed(written: number): void {
    const { first } = this;
    first?.proceed(first.queue.length + this.#unaccepted(written));
  }

  /** Moves the queued bytes to a section: they are written before those that are queued later. */
  divide(section: Section): void {
    for (const chunk of this.queue.drain()) section.queue.write(chunk);
    this.#sections.push(section);
  }

  /** Begins a write and returns its bytes: those of the first section, or the queued ones. */
  begin(written: number): readonly Uint8Array[] {
    const { queue } = this.first ?? this;
    this.#writtenBefore = written;
    this.#inFlight = queue.length;
    return queue.drain();
  }

  /** Ends the write, after which its memory may be overwritten. */
  end(): void {
    this.#written += this.#inFlight;
    this.#inFlight = 0;
    // Chunks in sections may be in the same memory.
    if (this.#sections.length === 0) this.queue.recycle();
  }

  /** Discards everything. */
  fail(error: unknown): void {
    this.queue.drain();
    this.#inFlight = this.announced = 0;
    for (const section of this.#sections.splice(0)) section.fail(error);
  }
}
