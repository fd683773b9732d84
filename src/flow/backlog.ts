import { BlockPool } from "../bytes/block_pool.ts";
import { WriteQueue } from "../bytes/write_queue.ts";

/**
 * The bytes that have been sent and that the system has not accepted yet:
 *
 * ```text
 *   send ─▶ │ queued │ ─ set apart before TLS ─▶ │ ahead │ ─▶ │ in flight │ ─▶ system
 *                    └────────────────────────────────────────────▶
 * ```
 */
export class Backlog {
  /** The bytes of messages, in order. */
  readonly queue: WriteQueue = new WriteQueue(new BlockPool());
  /** Chunks that are written before the queue: the plain text before a TLS upgrade. */
  #ahead: readonly Uint8Array[] | undefined = undefined;
  #aheadLength = 0;
  /** Number of bytes of the write in progress, and of those that the transport had written before it. */
  #inFlight = 0;
  #writtenBefore = 0;
  /** Number of bytes of the writes that have ended. */
  #written = 0;

  /** Number of bytes that are not in flight. */
  get waiting(): number {
    return this.queue.length + this.#aheadLength;
  }

  /** Number of bytes that have been set apart. */
  get ahead(): number {
    return this.#aheadLength;
  }

  /** Whether a write is in progress. */
  get writing(): boolean {
    return this.#inFlight > 0;
  }

  /** Number of bytes of all messages that were sent. */
  get sent(): number {
    return this.#written + this.#inFlight + this.waiting;
  }

  /**
   * Number of bytes that the system has not accepted.
   *
   * @param written Number of bytes that the transport has written.
   */
  pending(written: number): number {
    if (this.#inFlight === 0) return this.waiting;
    const accepted = written - this.#writtenBefore;
    return this.waiting + (accepted > 0 ? Math.max(0, this.#inFlight - accepted) : this.#inFlight);
  }

  /** Sets the queued bytes apart: they are written before those that are queued later. */
  setApart(): void {
    if (this.queue.length === 0) return;
    this.#aheadLength = this.queue.length;
    this.#ahead = this.queue.drain();
  }

  /** Begins a write and returns its bytes: those that were set apart, or those that are queued. */
  begin(written: number): readonly Uint8Array[] {
    this.#writtenBefore = written;
    this.#inFlight = this.#aheadLength || this.queue.length;
    const chunks = this.#ahead ?? this.queue.drain();
    this.#ahead = undefined;
    this.#aheadLength = 0;
    return chunks;
  }

  /** Ends the write, after which its memory may be overwritten. */
  end(): void {
    this.#written += this.#inFlight;
    this.#inFlight = 0;
    // Chunks that are set apart are in the same memory.
    if (this.#ahead === undefined) this.queue.recycle();
  }

  /** Discards everything. */
  clear(): void {
    this.queue.drain();
    this.#ahead = undefined;
    this.#aheadLength = this.#inFlight = 0;
  }
}
