/**
 * Calls back when signals abort, with a single listener per signal. Runtimes compare a new listener with
 * all others of its signal (Deno 2.9, Bun 1.4, Node 26), which is quadratic for thousands of calls that
 * share one signal.
 */
export class AbortGroups {
  readonly #groups: Map<AbortSignal, Group> = new Map();

  /** Calls `onAbort` once when the signal aborts. */
  add(signal: AbortSignal, onAbort: () => void): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const callbacks = new Set<() => void>();
      const listener = () => {
        this.#groups.delete(signal);
        for (const callback of callbacks) callback();
      };
      group = { callbacks, listener };
      this.#groups.set(signal, group);
      signal.addEventListener("abort", listener, { once: true });
    }
    group.callbacks.add(onAbort);
  }

  /**
   * Waits for a promise until a signal aborts. An unhandled rejection is suppressed.
   *
   * @throws The signal's reason.
   */
  wait<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
    const waiting = new Promise<Value>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      this.add(signal, onAbort);
      promise.then(resolve, reject).finally(() => this.remove(signal, onAbort));
    });
    waiting.catch(() => {});
    return waiting;
  }

  /** Removes a callback. */
  remove(signal: AbortSignal, onAbort: () => void): void {
    const group = this.#groups.get(signal);
    if (group === undefined || !group.callbacks.delete(onAbort) || group.callbacks.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener("abort", group.listener);
  }
}

interface Group {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}
