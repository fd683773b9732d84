declare const setImmediate: ((callback: () => void) => unknown) | undefined;

/**
 * Calls back at the end of this turn of the event loop: after all microtasks, before more can arrive.
 * Without `setImmediate` a timer comes close.
 */
export function afterTurn(callback: () => void): void {
  if (typeof setImmediate === "function") setImmediate(callback);
  else setTimeout(callback, 0);
}
