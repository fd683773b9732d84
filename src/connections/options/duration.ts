import { MAX_TIMER } from "../../async/timer.ts";
import { limit } from "../../bytes/invalid_option.ts";

/**
 * Returns a time limit in milliseconds; `Infinity` for no limit and for one beyond the range of timers.
 *
 * @throws {RangeError | TypeError} The value is not a positive number.
 */
export function duration(name: string, milliseconds: number = Infinity): number {
  const time = limit(name, milliseconds, "number of milliseconds");
  return time > MAX_TIMER ? Infinity : time;
}
