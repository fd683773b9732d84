declare const setImmediate: ((callback: () => void) => unknown) | undefined;

/**
 * Calls back at the end of this turn of the event loop: after all microtasks, before more data can arrive.
 * Runtimes without `setImmediate` use a timer.
 */
export function afterTurn(callback: () => void): void {
  if (typeof setImmediate === "function") setImmediate(callback);
  else setTimeout(callback, 0);
}
