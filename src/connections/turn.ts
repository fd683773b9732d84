declare const setImmediate: ((callback: () => void) => unknown) | undefined;

/**
 * Calls back when this turn of the event loop is over: behind all microtasks, before more can arrive.
 * Where there is no `setImmediate`, a timer comes close.
 */
export function afterTurn(callback: () => void): void {
  if (typeof setImmediate === "function") setImmediate(callback);
  else setTimeout(callback, 0);
}
