/**
 * Measures candidates in turn, each in its own process: types of one cannot spoil the compiled code of
 * another, any language can take part, and other load on the machine affects all of them alike.
 *
 * A candidate first prints its {@link Tally} as a line of JSON. For each line of input, a number of
 * milliseconds, it then repeats its work for that time and prints the median duration in nanoseconds.
 * It exits at the end of its input.
 *
 * @module
 */

import { LineProcess } from "../../tests/support/line_process.ts";
import { expectTally, type Tally } from "./tally.ts";

/** One program to measure. */
export interface Candidate {
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** Nanoseconds that a candidate took for its work, by round. */
export interface Times {
  readonly name: string;
  readonly rounds: readonly number[];
}

/** How candidates are timed. */
export interface RaceOptions {
  /** Default: 7. */
  readonly rounds?: number;
  /** Time that each candidate runs in each round, in milliseconds; default: 40. */
  readonly milliseconds?: number;
  /** Time before the first round, for compilers and the heap, in milliseconds; default: 400. */
  readonly warmUp?: number;
  /** Called with candidates that fail to start; by default that is an error. */
  readonly onSkip?: (name: string, reason: string) => void;
}

/** Time within which a candidate must report its tally, in milliseconds. */
const START_TIMEOUT = 60_000;

/**
 * Times candidates against each other.
 *
 * @throws {Error} A candidate found something other than `expected`.
 */
export async function race(
  candidates: readonly Candidate[],
  expected: Tally,
  { rounds = 7, milliseconds = 40, warmUp = 400, onSkip }: RaceOptions = {},
): Promise<Times[]> {
  const racers: { name: string; rounds: number[]; process: LineProcess }[] = [];
  try {
    for (const { name, command } of candidates) {
      const process = new LineProcess(command, { DENO_NO_UPDATE_CHECK: "1" });
      racers.push({ name, rounds: [], process });
      try {
        expectTally(name, await firstTally(process), expected);
      } catch (error) {
        if (onSkip === undefined) throw error;
        racers.pop();
        process.kill();
        onSkip(name, (error as Error).message);
      }
    }
    for (const { process } of racers) await timed(process, warmUp);
    for (let round = 0; round < rounds; round++) {
      for (const { rounds, process } of racers) rounds.push(await timed(process, milliseconds));
    }
    for (const { process } of racers) process.end();
    await Promise.all(racers.map(({ process }) => process.ended));
  } finally {
    for (const { process } of racers) process.kill();
  }
  return racers.map(({ name, rounds }) => ({ name, rounds }));
}

async function firstTally(process: LineProcess): Promise<Tally> {
  const late = Promise.withResolvers<never>();
  const reject = () => late.reject(new Error(`No tally within ${START_TIMEOUT} ms`));
  const timer = setTimeout(reject, START_TIMEOUT);
  try {
    return await Promise.race([process.next(), late.promise]) as Tally;
  } finally {
    clearTimeout(timer);
  }
}

async function timed(process: LineProcess, milliseconds: number): Promise<number> {
  process.go(String(milliseconds));
  return await process.next() as number;
}
