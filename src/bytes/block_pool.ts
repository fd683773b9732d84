import { NOTHING } from "./nothing.ts";

/** Keeps one spare block of memory for the write queues that share it. */
export class BlockPool {
  #spare: Uint8Array = NOTHING;

  /** Returns a block of at least `length` bytes, if there is one. */
  take(length: number): Uint8Array | undefined {
    const block = this.#spare;
    if (block.length < length) return undefined;
    this.#spare = NOTHING;
    return block;
  }

  /** Takes back a block that is no longer read; only the longest one is kept. */
  give(block: Uint8Array): void {
    if (block.length > this.#spare.length) this.#spare = block;
  }
}
