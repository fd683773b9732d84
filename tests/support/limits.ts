/**
 * The times of tests: limits, and pauses that are measured against limits. They grow with the slowness of
 * the machine, which is measured once a run by `scripts/test.ts`, or by a file that is run by itself.
 *
 * @module
 */

import { measureSlowness, SLOWNESS } from "./slowness.ts";

/** Factor by which this machine is slower than a quiet one: 1 or more. */
export const slowness: number = knownSlowness();

/** Options of a test that waits for other processes. */
export const bounded: { readonly timeout: number } = within(20_000);

/** Returns the options of a test that takes at most this many milliseconds on a quiet machine. */
export function within(milliseconds: number): { readonly timeout: number } {
  return { timeout: scaled(milliseconds) };
}

/** Returns the milliseconds on this machine for milliseconds on a quiet one. */
export function scaled(milliseconds: number): number {
  return Math.ceil(milliseconds * slowness);
}

/** Pauses, longer on a slow machine. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, scaled(milliseconds)));
}

/** Returns whether a promise resolves before a pause is over. */
export function resolves(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return Promise.race([promise.then(() => true), sleep(milliseconds).then(() => false)]);
}

function knownSlowness(): number {
  const { process } = globalThis as {
    readonly process?: { readonly env?: Record<string, string | undefined> };
  };
  const known = Number(process?.env?.[SLOWNESS]);
  if (known >= 1) return known;
  const measured = measureSlowness();
  // The processes that this one starts need not measure again.
  if (process?.env !== undefined) process.env[SLOWNESS] = `${measured}`;
  return measured;
}
