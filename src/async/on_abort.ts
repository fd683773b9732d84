/**
 * Calls back when a signal aborts.
 *
 * @returns Stops that.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  signal?.addEventListener("abort", callback);
  return () => signal?.removeEventListener("abort", callback);
}
