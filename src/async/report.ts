/**
 * Calls back with an error in a separate microtask. An exception of the callback becomes an uncaught
 * exception, and does not end the caller's loop.
 */
export function report(callback: (error: unknown) => void, error: unknown): void {
  queueMicrotask(() => callback(error));
}
