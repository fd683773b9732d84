import { byteCount } from "./byte_count.ts";
import { ByteQueue } from "./byte_queue.ts";
import { isLength } from "./is_length.ts";
import { NOTHING } from "./nothing.ts";
import { ReadSize } from "./read_size.ts";
import { type Segment, segment } from "./segment.ts";

/** Maximum number of pending bytes that are moved to memory with room for the next chunk. */
const MAX_MOVED = 131_072;

/**
 * A queue that lends memory for the next chunk, so that a socket can read directly into it:
 *
 * ```text
 *   │ visited │ pending │ room … │  ──▶  │ pending │ room …           │
 * ```
 *
 * A stream whose frames are only visited therefore needs no allocation and no copy for each chunk, and the
 * parts of a large frame end up side by side.
 */
export class FillableQueue extends ByteQueue {
  #size: ReadSize | undefined;
  #room: Uint8Array | undefined;
  /** The segment at whose end the room begins, if any. */
  #last: Segment | undefined;

  /** Returns memory for the next chunk. */
  room(): Uint8Array {
    return this.#room ??= this.#find((this.#size ??= new ReadSize()).length);
  }

  /**
   * Adds the first `count` bytes of that memory.
   *
   * @throws {RangeError} The memory is shorter, or {@link FillableQueue.room} was not called.
   */
  advance(count: number): void {
    const { segments } = this;
    const room = this.#room ?? NOTHING;
    if (!(isLength(count) && count <= room.length)) {
      throw new RangeError(
        `Cannot advance by ${byteCount(count)}: there is room for ${room.length}`,
      );
    }
    const last = this.#last;
    this.#room = this.#last = undefined;
    if (count === 0) return;
    this.#size!.note(count, room.length);
    if (last === segments.tail) {
      last.end += count;
    } else {
      const next = segment(room, count, this.base + this.full);
      this.lent = room;
      if (this.start === this.full) return this.restart(next);
      segments.add(next);
    }
    this.widen();
  }

  /** Finds room for a chunk of `size` bytes. */
  #find(size: number): Uint8Array {
    const { pending, frameOffset, segments } = this;
    let { lent = NOTHING } = this;
    const { head, tail } = segments;
    const free = tail.bytes === lent ? lent.length - tail.end : 0;
    if (pending === 0 || free <= lent.length / 4) {
      if (pending > MAX_MOVED) return new Uint8Array(size);
      const wanted = pending + Math.max(size, pending);
      // The lent memory is reused if its length is suitable and the pending bytes are in one segment.
      if (lent.length < wanted || lent.length > wanted * 4 || head !== tail) {
        lent = new Uint8Array(wanted);
      }
      segments.copy(frameOffset, pending, lent);
      this.restart(segment(lent, pending, frameOffset));
      this.lent = lent;
    }
    this.#last = segments.tail;
    return lent.subarray(segments.tail.end);
  }
}
