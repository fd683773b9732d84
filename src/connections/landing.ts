import type { ByteQueue } from "../bytes/byte_queue.ts";
import { view } from "../bytes/view.ts";
import { ReadSize } from "../transports/read_size.ts";

/** What is pending moves to where there is room for the next chunk, if it is not more than this. */
const MOST_MOVED = 131_072;

/**
 * Lets a socket read straight into memory of a queue, where frames are visited and it is read again:
 *
 * ```text
 *   │ visited │ pending │ room … │  ──▶  │ pending │ room …           │
 * ```
 *
 * So a stream that is only visited takes neither memory nor a copy for each chunk, and the parts of a
 * large frame come to lie side by side. A frame that is kept keeps the memory that it lies in, and chunks
 * land elsewhere from then on.
 */
export class Landing {
  readonly #queue: ByteQueue;
  readonly #size: ReadSize = new ReadSize();
  /** From where on memory was lent. */
  #from = 0;

  constructor(queue: ByteQueue) {
    this.#queue = queue;
  }

  /** Lends memory for the next chunk, which is to be put in from the front. */
  lend(): Uint8Array {
    const queue = this.#queue;
    const { pending } = queue;
    if (pending > MOST_MOVED) return new Uint8Array(this.#size.length);
    const left = queue.landing.length - queue.landed;
    if (pending === 0 || left <= queue.landing.length / 4) queue.moveTo(this.#memoryFor(pending));
    this.#from = queue.landed;
    return view(queue.landing, this.#from, queue.landing.length - this.#from);
  }

  /** Takes the chunk for the queue if it lies in the memory that was lent, and says whether it does. */
  take(chunk: Uint8Array): boolean {
    const { landing } = this.#queue;
    const from = this.#from;
    if (chunk.buffer !== landing.buffer || chunk.byteOffset !== from) return false;
    this.#queue.land(chunk.length);
    this.#size.tell(chunk.length, landing.length - from);
    return true;
  }

  /** Room for as much as is pending, and for a chunk: what there is, if it is neither too short nor too long. */
  #memoryFor(pending: number): Uint8Array {
    const { landing } = this.#queue;
    const wanted = pending + Math.max(this.#size.length, pending);
    const fits = landing.length >= wanted && landing.length <= wanted * 4;
    return fits ? landing : new Uint8Array(wanted);
  }
}
