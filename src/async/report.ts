/**
 * Calls a callback with an error, in a microtask of its own: what the callback throws becomes an uncaught
 * exception, and does not end the loop that has met the error.
 */
export function report(callback: (error: unknown) => void, error: unknown): void {
  queueMicrotask(() => callback(error));
}
