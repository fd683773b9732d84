import { AbortGroups } from "../async/abort_groups.ts";
import type { Take } from "./takes.ts";

/** A call that waits for bytes that have not arrived. */
export class Waiter {
  readonly take: Take<never, unknown>;
  /** The result at the end of the stream. */
  readonly end: unknown;
  readonly promise: Promise<unknown>;
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  /** The signal that aborts the call, and the listener to remove when the call has been served. */
  signal: AbortSignal | undefined = undefined;
  onAbort: (() => void) | undefined = undefined;
  resolve!: (result: unknown) => void;
  reject!: (error: unknown) => void;

  constructor(take: Take<never, unknown>, end: unknown) {
    this.take = take;
    this.end = end;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** The pending calls, in order: a linked list, since any of thousands may be aborted (waiting_test.ts). */
export class Waiters {
  /** The call that is served next. */
  first: Waiter | undefined = undefined;
  #last: Waiter | undefined = undefined;
  #aborts: AbortGroups | undefined = undefined;

  /** Adds a call at the end, or before another one. */
  add(waiter: Waiter, before?: Waiter): void {
    const previous = before === undefined ? this.#last : before.previous;
    waiter.previous = previous;
    waiter.next = before;
    if (previous === undefined) this.first = waiter;
    else previous.next = waiter;
    if (before === undefined) this.#last = waiter;
    else before.previous = waiter;
  }

  /** Removes a call, and rejects it, when its signal aborts. */
  removeOnAbort(waiter: Waiter, signal: AbortSignal): void {
    waiter.signal = signal;
    waiter.onAbort = () => {
      this.#unlink(waiter);
      waiter.reject(signal.reason);
    };
    this.#aborts ??= new AbortGroups();
    this.#aborts.add(signal, waiter.onAbort);
  }

  /** Removes a call that has been served. */
  remove(waiter: Waiter): void {
    this.#unlink(waiter);
    if (waiter.signal !== undefined) this.#aborts!.remove(waiter.signal, waiter.onAbort!);
  }

  /** Removes a call from the list, but keeps its own links. */
  #unlink({ previous, next }: Waiter): void {
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
  }
}
