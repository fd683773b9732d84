import { AbortGroups } from "../async/abort_groups.ts";
import type { Take } from "./takes.ts";

/** A call that waits for bytes that have not arrived. */
export class Waiter {
  readonly take: Take<never, unknown>;
  /** Whether the call visits all frames, so that it ends with the stream. */
  readonly visits: boolean;
  /** The result at the end of the stream. */
  readonly end: unknown;
  readonly promise: Promise<unknown>;
  /** Whether the call is in a list. */
  listed = false;
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  /** The signal that aborts the call, and the listener to remove when the call has been served. */
  signal: AbortSignal | undefined = undefined;
  onAbort: (() => void) | undefined = undefined;
  resolve!: (result: unknown) => void;
  reject!: (error: unknown) => void;

  constructor(take: Take<never, unknown>, end: unknown, visits = false) {
    this.take = take;
    this.visits = visits;
    this.end = end;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** Returns the promise of a call that waits, or has been served at once. */
export function promiseOf<Result>(call: Promise<Result> | Waiter): Promise<Result> {
  return call instanceof Waiter ? call.promise as Promise<Result> : call;
}

/** Returns the error of a call for a body that is not read further. */
export function discardedError(): TypeError {
  return new TypeError("Cannot read body: it was discarded for the next message");
}

/** The pending calls, in order: a linked list, since any of thousands may be aborted (waiting_test.ts). */
export class Waiters {
  /** The call that is served next. */
  first: Waiter | undefined = undefined;
  /** The first call that visits: calls after it are served when the stream has ended. */
  visit: Waiter | undefined = undefined;
  /** The call that is taking something. Its message would be lost if an abort rejected it meanwhile. */
  serving: Waiter | undefined = undefined;
  #last: Waiter | undefined = undefined;
  #aborts: AbortGroups | undefined = undefined;

  /** Adds a call at the end, or before another one. */
  add(waiter: Waiter, before?: Waiter): void {
    const previous = before === undefined ? this.#last : before.previous;
    waiter.listed = true;
    waiter.previous = previous;
    waiter.next = before;
    if (previous === undefined) this.first = waiter;
    else previous.next = waiter;
    if (before === undefined) this.#last = waiter;
    else before.previous = waiter;
    if (waiter.visits) this.visit ??= waiter;
  }

  /** Removes a call, and rejects it, when its signal aborts; not while it is taking something. */
  removeOnAbort(waiter: Waiter, signal: AbortSignal): void {
    waiter.signal = signal;
    waiter.onAbort = () => {
      if (this.serving === waiter) return;
      this.#unlink(waiter);
      waiter.reject(signal.reason);
    };
    this.#aborts ??= new AbortGroups();
    this.#aborts.add(signal, waiter.onAbort);
  }

  /** Removes a call that has been served. One that its own callback has aborted is gone already. */
  remove(waiter: Waiter): void {
    this.#unlink(waiter);
    if (waiter.signal !== undefined) this.#aborts!.remove(waiter.signal, waiter.onAbort!);
  }

  /** Removes all calls and rejects them. */
  rejectAll(error: unknown): void {
    for (let waiter; (waiter = this.first) !== undefined;) {
      this.remove(waiter);
      waiter.reject(error);
    }
  }

  /** Removes a call from the list, but keeps its own links. */
  #unlink(waiter: Waiter): void {
    if (!waiter.listed) return;
    waiter.listed = false;
    const { previous, next } = waiter;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    if (waiter !== this.visit) return;
    let visit = next;
    while (visit !== undefined && !visit.visits) visit = visit.next;
    this.visit = visit;
  }
}
