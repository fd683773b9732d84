/**
 * Time limits of tests, and pauses that are compared with them. Both grow with the slowness of the machine,
 * which `scripts/test.ts` measures once per run; a file that runs on its own measures it itself.
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

/** Scales a number of milliseconds from a quiet machine to this one. */
export function scaled(milliseconds: number): number {
  return Math.ceil(milliseconds * slowness);
}

/** Sleeps for `scaled(milliseconds)`. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, scaled(milliseconds)));
}

/** Returns whether a promise resolves within `scaled(milliseconds)`. */
export function resolves(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return Promise.race([promise.then(() => true), sleep(milliseconds).then(() => false)]);
}

function knownSlowness(): number {
  const { process, [SLOWNESS]: given } = globalThis as {
    readonly process?: { readonly env?: Record<string, string | undefined> };
    readonly [SLOWNESS]?: number;
  };
  const known = Number(process?.env?.[SLOWNESS] ?? given);
  if (known >= 1) return known;
  const measured = measureSlowness();
  // Child processes need not measure again.
  if (process?.env !== undefined) process.env[SLOWNESS] = `${measured}`;
  return measured;
}
