import { AbortGroups } from "./abort_groups.ts";

/**
 * Waits for a promise until a signal aborts.
 *
 * @throws The signal's reason.
 */
export function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  return signal === undefined ? promise : new AbortGroups().wait(promise, signal);
}
