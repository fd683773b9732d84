/**
 * Adds up the results of exchanges.
 *
 * @module
 */

import type { Report } from "./peer.ts";

/** Sums over several exchanges. */
export class Tally {
  exchanges = 0;
  /** Number of exchanges without a failure. */
  succeeded = 0;
  messages = 0;
  bytes = 0;
  milliseconds = 0;

  /** Adds the result of one exchange. */
  add({ messages, bytes, milliseconds, failure }: Report): void {
    this.exchanges++;
    if (failure === undefined) this.succeeded++;
    this.messages += messages;
    this.bytes += bytes;
    this.milliseconds += milliseconds;
  }

  /** Returns the sum of several tallies. */
  static sum(tallies: readonly Tally[]): Tally {
    const sum = new Tally();
    for (const tally of tallies) {
      sum.exchanges += tally.exchanges;
      sum.succeeded += tally.succeeded;
      sum.messages += tally.messages;
      sum.bytes += tally.bytes;
      sum.milliseconds += tally.milliseconds;
    }
    return sum;
  }
}
