/** What stops and restarts a socket that pushes. */
interface Flow {
  pause(): unknown;
  resume(): unknown;
}

/** So many bytes that nobody has read pause the socket, unless it is told otherwise. */
const HIGH_WATER = 65_536;

/** What a chunk takes at least, however short it is. */
const LEAST_SIZE = 256;

/**
 * What a socket that pushes has pushed, to be read when it is wanted: items in order, then the end or
 * the error, whichever came first.
 */
export class Arrivals<Item> {
  readonly #flow: Flow | undefined;
  readonly #highWaterMark: number;
  #items: { readonly item: Item; readonly size: number }[] = [];
  #size = 0;
  #paused = false;
  #last: { readonly error?: unknown } | undefined = undefined;
  // What tells who reads.
  #resolve: ((item: Item | undefined) => void) | undefined = undefined;
  #reject: ((error: unknown) => void) | undefined = undefined;

  constructor(flow?: Flow, highWaterMark: number = HIGH_WATER) {
    this.#flow = flow;
    this.#highWaterMark = highWaterMark;
  }

  /** How many items nobody has read. */
  get waiting(): number {
    return this.#items.length;
  }

  /**
   * Adds what has arrived. A paused socket may push still: Bun 1.4 does when the peer resets.
   *
   * @param length How many bytes it has.
   */
  push(item: Item, length = 0): void {
    const resolve = this.#resolve;
    if (resolve !== undefined) {
      this.#resolve = this.#reject = undefined;
      return resolve(item);
    }
    const size = Math.max(length, LEAST_SIZE);
    this.#items.push({ item, size });
    this.#size += size;
    if (this.#size >= this.#highWaterMark) this.pause();
  }

  /** Stops what pushes, until somebody reads what is not here yet. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#flow?.pause();
  }

  /** Says that nothing more will arrive; with the error, if that is why. */
  end(last: { readonly error?: unknown } = {}): void {
    this.#last ??= last;
    if ("error" in this.#last) this.#reject?.(this.#last.error);
    else this.#resolve?.(undefined);
    this.#resolve = this.#reject = undefined;
  }

  /** Takes all that nobody has read. */
  clear(): Item[] {
    this.#size = 0;
    return this.#items.splice(0).map(({ item }) => item);
  }

  /** The next item; `undefined` at the end. */
  read(): Promise<Item | undefined> {
    const first = this.#items.shift();
    if (first !== undefined) {
      this.#size -= first.size;
      return Promise.resolve(first.item);
    }
    if (this.#last !== undefined) {
      return "error" in this.#last ? Promise.reject(this.#last.error) : Promise.resolve(undefined);
    }
    if (this.#paused) {
      this.#paused = false;
      this.#flow?.resume();
    }
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }
}
