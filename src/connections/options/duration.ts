import { limit } from "../../bytes/invalid_option.ts";

/** Maximum delay of a timer in milliseconds: more than 24 days. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Returns a time limit in milliseconds; `Infinity` for no limit and for one beyond the range of timers.
 *
 * @throws {RangeError | TypeError} The value is not a positive number.
 */
export function duration(name: string, milliseconds: number = Infinity): number {
  const time = limit(name, milliseconds, "number of milliseconds");
  return time > MAX_TIMER ? Infinity : time;
}
