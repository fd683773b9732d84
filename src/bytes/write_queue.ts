import type { BlockPool } from "./block_pool.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { NOTHING } from "./nothing.ts";
import { view } from "./view.ts";

/** The length of the first block. The next ones in the same burst have 16 KiB, then 64 KiB. */
const LEAST_BLOCK = 512;
const MOST_BLOCK = 65_536;

/** A payload of this length or more is passed on as it is; a shorter one is copied into the block. */
const REFERENCE_FROM = 8192;

/**
 * After this number of bytes, one more copied payload still fits in a block of the longest kind. It is
 * `MOST_BLOCK` less `REFERENCE_FROM`, as a plain number, since bundlers keep an unused difference.
 */
export const ONE_BLOCK = 57_344;

/** The least number that does not fit, by the number of bytes. */
const LIMITS: readonly number[] = /* @__PURE__ */ [0, 1, 2, 3, 4, 5, 6, 7, 8]
  .map((size) => 256 ** size);

/**
 * The bytes of frames to be sent, in few chunks: small payloads are joined in a block, large ones
 * are passed on as they are. No byte of a block is written twice unless {@link WriteQueue.recycle}
 * allows it, so chunks that were drained do not change.
 */
export class WriteQueue implements ByteWriter {
  readonly #pool: BlockPool | undefined;
  #block: Uint8Array = NOTHING;
  #blockSize = LEAST_BLOCK;
  /** Whether drained blocks come back: one has. */
  #recycles = false;
  /** A block that was drained as a whole. */
  #lent: Uint8Array = NOTHING;
  /** The part of the block that was not drained yet. */
  #from = 0;
  #to = 0;
  /** The chunks before that part. Absent between messages: an idle array makes V8 14 keep similar ones for long. */
  #chunks: Uint8Array[] | undefined = undefined;
  #chunkBytes = 0;

  /** @param pool Where blocks come from and go to; without it {@link WriteQueue.recycle} does nothing. */
  constructor(pool?: BlockPool) {
    this.#pool = pool;
  }

  /** How many bytes were written and not drained yet. */
  get length(): number {
    return this.#chunkBytes + this.#to - this.#from;
  }

  /**
   * Writes bytes: a copy of them when there are few, else these very bytes, which must not change
   * before they are sent.
   */
  write(bytes: Uint8Array): void {
    const length = bytes.length;
    if (length >= REFERENCE_FROM) {
      this.#cut();
      this.#add(bytes);
      return;
    }
    const at = this.#room(length);
    if (length > 32) this.#block.set(bytes, at);
    else for (let index = 0; index < length; index++) this.#block[at + index] = bytes[index]!;
  }

  /**
   * Writes an unsigned integer.
   *
   * @param size How many bytes it takes.
   * @param littleEndian Whether the least significant byte comes first; default `false`.
   * @throws {RangeError} It is not an integer from 0 that fits in `size` bytes and 2^53 - 1.
   */
  writeUint(value: number, size: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8, littleEndian = false): void {
    if (!(Number.isSafeInteger(value) && value >= 0 && value < LIMITS[size]!)) {
      throw new RangeError(`Cannot write ${value} in ${size} ${size === 1 ? "byte" : "bytes"}`);
    }
    const at = this.#room(size);
    const block = this.#block;
    let rest = value;
    for (let index = 0; index < size; index++) {
      // An array of bytes takes an integer modulo 256.
      block[at + (littleEndian ? index : size - 1 - index)] = rest;
      rest = rest < 256 ? 0 : Math.floor(rest / 256);
    }
  }

  /**
   * Looks at a byte that was written and not yet drained.
   *
   * @param position Its position, counted from the first of them.
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
    if (this.#pool !== undefined && this.#recycles && this.#block.length > LEAST_BLOCK) {
      this.#lend();
    }
    return chunks;
  }

  /** Allows the block of the drained chunks to be written again: the caller is done with all of them. */
  recycle(): void {
    if (this.#pool === undefined) return;
    this.#recycles = true;
    this.#pool.give(this.#lent);
    this.#lent = NOTHING;
    if (this.length > 0) return;
    this.#blockSize = LEAST_BLOCK;
    this.#from = this.#to = 0;
  }

  /** Removes bytes from the end until `length` bytes are left. */
  truncate(length: number): void {
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

  /** Starts another block. A short start of the first block is copied to it, to be sent in the same chunk. */
  #grow(length: number): void {
    const held = this.#to - this.#from;
    const moves = held > 0 && held <= LEAST_BLOCK && this.#chunkBytes === 0;
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
    this.#blockSize = Math.min(size * 32, MOST_BLOCK);
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
