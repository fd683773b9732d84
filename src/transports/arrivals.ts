/** A socket that can be paused. */
interface Flow {
  pause(): unknown;
  resume(): unknown;
}

/** An item that has not been read. They form a list, since shifting a long array would move all of it. */
interface Entry<Item> {
  readonly item: Item;
  readonly size: number;
  next: Entry<Item> | undefined;
}

/** Size that every item counts for at least, however short it is. */
const MIN_SIZE = 256;

/**
 * Turns a socket that pushes into one that is read on demand: a queue of items in order, then the end or
 * the error, whichever came first. There is at most one read at a time.
 */
export class Arrivals<Item> {
  readonly #flow: Flow | undefined;
  readonly #highWaterMark: number;
  #first: Entry<Item> | undefined = undefined;
  #newest: Entry<Item> | undefined = undefined;
  #waiting = 0;
  #size = 0;
  #paused = false;
  #last: { readonly error?: unknown } | undefined = undefined;
  // The resolvers of the pending read.
  #resolve: ((item: Item | undefined) => void) | undefined = undefined;
  #reject: ((error: unknown) => void) | undefined = undefined;

  /** @param flow Paused when as many bytes as `highWaterMark` have not been read. */
  constructor(flow?: Flow, highWaterMark: number = Infinity) {
    this.#flow = flow;
    this.#highWaterMark = highWaterMark;
  }

  /** Number of items that have not been read. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether the end, or an error, has arrived. */
  get ended(): boolean {
    return this.#last !== undefined;
  }

  /** Whether a read is pending. */
  get reading(): boolean {
    return this.#resolve !== undefined;
  }

  /**
   * Adds an item. A paused socket may push more: Bun 1.4 does when the peer resets.
   *
   * @param length Number of bytes that the item counts for.
   */
  push(item: Item, length = 0): void {
    const resolve = this.#resolve;
    if (resolve !== undefined) {
      this.#resolve = this.#reject = undefined;
      return resolve(item);
    }
    const entry = { item, size: Math.max(length, MIN_SIZE), next: undefined };
    if (this.#newest === undefined) this.#first = entry;
    else this.#newest.next = entry;
    this.#newest = entry;
    this.#waiting++;
    this.#size += entry.size;
    if (this.#size >= this.#highWaterMark) this.pause();
  }

  /** Pauses the socket until a read finds no item. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#flow?.pause();
  }

  /** Ends the queue after its items, by an error if there is one. */
  end(last: { readonly error?: unknown } = {}): void {
    this.#last ??= last;
    if ("error" in this.#last) this.#reject?.(this.#last.error);
    else this.#resolve?.(undefined);
    this.#resolve = this.#reject = undefined;
  }

  /** Takes all items that have not been read. */
  clear(): Item[] {
    const items: Item[] = [];
    for (let entry = this.#take(); entry !== undefined; entry = this.#take()) {
      items.push(entry.item);
    }
    return items;
  }

  /** Returns the next item; `undefined` at the end. */
  read(): Promise<Item | undefined> {
    const entry = this.#take();
    if (entry !== undefined) return Promise.resolve(entry.item);
    if (this.#last !== undefined) {
      return "error" in this.#last ? Promise.reject(this.#last.error) : Promise.resolve(undefined);
    }
    if (this.reading) return Promise.reject(new TypeError("Cannot read: another read is pending"));
    if (this.#paused) {
      this.#paused = false;
      this.#flow?.resume();
    }
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  #take(): Entry<Item> | undefined {
    const entry = this.#first;
    if (entry === undefined) return undefined;
    this.#first = entry.next;
    if (this.#first === undefined) this.#newest = undefined;
    this.#waiting--;
    this.#size -= entry.size;
    return entry;
  }
}
