import { NOTHING } from "./nothing.ts";

/** A block of memory that its owner lends to one write queue after another. */
export class BlockPool {
  #spare: Uint8Array = NOTHING;

  /** Returns a block of at least `length` bytes, if there is one. */
  take(length: number): Uint8Array | undefined {
    const block = this.#spare;
    if (block.length < length) return undefined;
    this.#spare = NOTHING;
    return block;
  }

  /** Takes a block back that is not read anymore. The longest one is kept. */
  give(block: Uint8Array): void {
    if (block.length > this.#spare.length) this.#spare = block;
  }
}
