import type { BlockPool } from "./block_pool.ts";
import { byteCount } from "./byte_count.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { NOTHING } from "./nothing.ts";
import { view } from "./view.ts";

/** Lengths of the first and of the longest block: 512 bytes, then 16 KiB, then 64 KiB in one burst. */
const MIN_BLOCK = 512;
const MAX_BLOCK = 65_536;

/** Minimum length of a payload that is passed on as it is; a shorter one is copied into the block. */
const MIN_REFERENCED = 8192;

/**
 * Number of bytes after which one more copied payload still fits in the longest block: `MAX_BLOCK` minus
 * `MIN_REFERENCED`, written as a number, since bundlers do not remove an unused difference.
 */
export const ONE_BLOCK = 57_344;

/** The smallest number that does not fit, by number of bytes. */
const LIMITS: readonly number[] = /* @__PURE__ */ [0, 1, 2, 3, 4, 5, 6, 7, 8]
  .map((size) => 256 ** size);

/**
 * The bytes of frames to be sent, in few chunks: small payloads are joined in a block, large ones
 * are passed on as they are. No byte of a block is written twice unless {@link WriteQueue.recycle}
 * allows it, so drained chunks do not change.
 */
export class WriteQueue implements ByteWriter {
  readonly #pool: BlockPool | undefined;
  #block: Uint8Array = NOTHING;
  #blockSize = MIN_BLOCK;
  /** Whether drained blocks are recycled: set when the first one is. */
  #recycles = false;
  /** A drained block that has not been recycled yet. */
  #lent: Uint8Array = NOTHING;
  /** Bounds of the part of the block that has not been drained. */
  #from = 0;
  #to = 0;
  /** The chunks before that part. Undefined between messages: an idle array makes V8 14 retain similar ones. */
  #chunks: Uint8Array[] | undefined;
  #chunkBytes = 0;

  /** @param pool Supplies blocks and takes them back; without it {@link WriteQueue.recycle} does nothing. */
  constructor(pool?: BlockPool) {
    this.#pool = pool;
  }

  /** Number of bytes written and not yet drained. */
  get length(): number {
    return this.#chunkBytes + this.#to - this.#from;
  }

  /**
   * Writes bytes: a short array is copied, a long one is passed on as it is and must not change before it
   * has been sent.
   */
  write(bytes: Uint8Array): void {
    const length = bytes.length;
    if (length >= MIN_REFERENCED) {
      this.#cut();
      this.#add(bytes);
      return;
    }
    const at = this.#room(length);
    // For a few bytes a loop is faster than `set` (bench:counts, W4 encode: 1,609 instead of 1,782).
    if (length > 32) this.#block.set(bytes, at);
    else for (let index = 0; index < length; index++) this.#block[at + index] = bytes[index]!;
  }

  /**
   * Writes an unsigned integer.
   *
   * @param size Size in bytes.
   * @param littleEndian Whether the least significant byte comes first; default `false`.
   * @throws {RangeError} The value is not a non-negative safe integer that fits in `size` bytes.
   */
  writeUint(value: number, size: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8, littleEndian = false): void {
    if (!(Number.isSafeInteger(value) && value >= 0 && value < LIMITS[size]!)) {
      throw new RangeError(`Cannot write ${value} in ${byteCount(size)}`);
    }
    const at = this.#room(size);
    const block = this.#block;
    let rest = value;
    for (let index = 0; index < size; index++) {
      // A `Uint8Array` stores an integer modulo 256.
      block[at + (littleEndian ? index : size - 1 - index)] = rest;
      rest = rest < 256 ? 0 : Math.floor(rest / 256);
    }
  }

  /**
   * Returns a byte that was written and not yet drained.
   *
   * @param position Its position, counted from the first byte not yet drained.
   * @returns The byte; `undefined` beyond the last one.
   */
  peek(position: number): number | undefined {
    if (position >= this.#chunkBytes) {
      const at = this.#from + position - this.#chunkBytes;
      return at < this.#to ? this.#block[at] : undefined;
    }
    const chunks = this.#chunks!;
    let index = chunks.length;
    let start = this.#chunkBytes;
    while (start > position) start -= chunks[--index]!.length;
    return chunks[index]![position - start];
  }

  /** Removes the written bytes and returns them, in order. */
  drain(): Uint8Array[] {
    this.#cut();
    const chunks = this.#chunks ?? [];
    this.#chunks = undefined;
    this.#chunkBytes = 0;
    if (this.#pool !== undefined && this.#recycles && this.#block.length > MIN_BLOCK) {
      this.#lend();
    }
    return chunks;
  }

  /** Allows drained blocks to be overwritten: the caller no longer needs any drained chunk. */
  recycle(): void {
    if (this.#pool === undefined) return;
    this.#recycles = true;
    this.#pool.give(this.#lent);
    this.#lent = NOTHING;
    if (this.length > 0) return;
    this.#blockSize = MIN_BLOCK;
    this.#from = this.#to = 0;
  }

  /** Removes bytes from the end until `length` bytes are left. */
  truncate(length: number): void {
    if (length === this.length) return;
    this.#cut();
    while (this.#chunkBytes > length) {
      const last = this.#chunks!.pop()!;
      this.#chunkBytes -= last.length;
      if (this.#chunkBytes < length) this.#add(view(last, 0, length - this.#chunkBytes));
    }
  }

  /** Reserves `length` bytes in the block and returns their position. */
  #room(length: number): number {
    if (this.#block.length - this.#to < length) this.#grow(length);
    const at = this.#to;
    this.#to += length;
    return at;
  }

  /** Starts another block. A few bytes in the first block are moved to it, to be sent in the same chunk. */
  #grow(length: number): void {
    const held = this.#to - this.#from;
    const moves = held > 0 && held <= MIN_BLOCK && this.#chunkBytes === 0;
    const start = moves ? view(this.#block, this.#from, held) : NOTHING;
    if (!moves) this.#cut();
    this.#block = this.#nextBlock(start.length + length);
    this.#block.set(start);
    this.#from = 0;
    this.#to = start.length;
  }

  /** Sets the drained block aside until it is recycled; later writes use another. */
  #lend(): void {
    this.#lent = this.#block;
    this.#block = NOTHING;
    this.#from = this.#to = 0;
  }

  #nextBlock(atLeast: number): Uint8Array {
    const size = this.#blockSize;
    this.#blockSize = Math.min(size * 32, MAX_BLOCK);
    return this.#pool?.take(atLeast) ?? new Uint8Array(Math.max(size, atLeast));
  }

  #add(chunk: Uint8Array): void {
    (this.#chunks ??= []).push(chunk);
    this.#chunkBytes += chunk.length;
  }

  /** Adds the bytes in the block to the chunks. */
  #cut(): void {
    if (this.#to === this.#from) return;
    this.#add(view(this.#block, this.#from, this.#to - this.#from));
    this.#from = this.#to;
  }
}
