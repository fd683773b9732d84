/** What timers can count, in milliseconds: more than 24 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * A time that an option limits, in milliseconds; `Infinity` where there is no limit.
 *
 * @throws {RangeError} It is no time.
 */
export function duration(name: string, milliseconds: number = Infinity): number {
  if (!(milliseconds > 0)) {
    throw new RangeError(`Cannot limit time to ${milliseconds} ms: ${name} is a number above 0`);
  }
  return milliseconds > LONGEST ? Infinity : milliseconds;
}
