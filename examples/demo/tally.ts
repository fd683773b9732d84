/**
 * Adds up what came of talks.
 *
 * @module
 */

import type { Report } from "./peer.ts";

/** What came of several talks. */
export class Tally {
  /** How many there were. */
  talks = 0;
  /** How many of them went well. */
  good = 0;
  messages = 0;
  bytes = 0;
  milliseconds = 0;

  /** Adds what came of one more talk. */
  add({ messages, bytes, milliseconds, failure }: Report): void {
    this.talks++;
    if (failure === undefined) this.good++;
    this.messages += messages;
    this.bytes += bytes;
    this.milliseconds += milliseconds;
  }

  /** All of them together. */
  static sum(tallies: readonly Tally[]): Tally {
    const sum = new Tally();
    for (const one of tallies) {
      sum.talks += one.talks;
      sum.good += one.good;
      sum.messages += one.messages;
      sum.bytes += one.bytes;
      sum.milliseconds += one.milliseconds;
    }
    return sum;
  }
}
