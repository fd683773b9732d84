/** A socket that can be paused. */
interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** An unread item. Items form a linked list, since shifting a long array would move all of it. */
interface Entry<Item> {
  readonly item: Item;
  readonly size: number;
  next: Entry<Item> | undefined;
}

/** Minimum size that an item counts for, however short it is. */
const MIN_SIZE = 256;

/**
 * Turns a push-based socket into one that is read on demand: a queue of items in order, then the end or
 * the error, whichever came first. At most one read is pending at a time.
 */
export class PushQueue<Item> {
  readonly #socket: Pausable | undefined;
  readonly #highWaterMark: number;
  #first: Entry<Item> | undefined;
  #last: Entry<Item> | undefined;
  #length = 0;
  #size = 0;
  #paused = false;
  #end: { readonly error?: unknown } | undefined;
  // The resolvers of the pending read.
  #resolve: ((item: Item | undefined) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  /** @param socket Paused when the unread items reach `highWaterMark` bytes. */
  constructor(socket?: Pausable, highWaterMark: number = Infinity) {
    this.#socket = socket;
    this.#highWaterMark = highWaterMark;
  }

  /** Number of unread items. */
  get length(): number {
    return this.#length;
  }

  /** Whether the end, or an error, has been added. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Whether a read is pending. */
  get reading(): boolean {
    return this.#resolve !== undefined;
  }

  /**
   * Adds an item. A paused socket may push more: Bun 1.4 does when the peer resets.
   *
   * @param bytes Number of bytes that the item counts for.
   */
  push(item: Item, bytes = 0): void {
    const resolve = this.#resolve;
    if (resolve !== undefined) {
      this.#resolve = this.#reject = undefined;
      return resolve(item);
    }
    const entry = { item, size: Math.max(bytes, MIN_SIZE), next: undefined };
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#length++;
    this.#size += entry.size;
    if (this.#size >= this.#highWaterMark) this.pause();
  }

  /** Pauses the socket until a read finds the queue empty. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket?.pause();
  }

  /** Ends the queue after its items: with an error if there is one. */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end ??= end;
    if ("error" in this.#end) this.#reject?.(this.#end.error);
    else this.#resolve?.(undefined);
    this.#resolve = this.#reject = undefined;
  }

  /** Returns all unread items. */
  items(): Item[] {
    const items: Item[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.next) items.push(entry.item);
    return items;
  }

  /** Discards all unread items. */
  clear(): void {
    while (this.#shift() !== undefined);
  }

  /** Returns the next item; `undefined` at the end. */
  read(): Promise<Item | undefined> {
    const entry = this.#shift();
    if (entry !== undefined) return Promise.resolve(entry.item);
    if (this.#end !== undefined) {
      return "error" in this.#end ? Promise.reject(this.#end.error) : Promise.resolve(undefined);
    }
    if (this.reading) return Promise.reject(new TypeError("Cannot read: another read is pending"));
    if (this.#paused) {
      this.#paused = false;
      this.#socket?.resume();
    }
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  #shift(): Entry<Item> | undefined {
    const entry = this.#first;
    if (entry === undefined) return undefined;
    this.#first = entry.next;
    if (this.#first === undefined) this.#last = undefined;
    this.#length--;
    this.#size -= entry.size;
    return entry;
  }
}
