/**
 * Contestants by turns, each in a process of its own: so no one's types spoil another one's compiled
 * code, any language can take part, and whatever happens on the machine happens to all of them.
 *
 * A contestant first prints what it has found, as a line of JSON. Then, for each line it reads with a
 * number of milliseconds, it does its work over and over for so long, and prints how many nanoseconds
 * one time takes. It ends with its input.
 *
 * @module
 */

import { LineProcess } from "../../tests/support/line_process.ts";
import { expectTally, type Tally } from "./workloads.ts";

/** Somebody who takes part. */
export interface Contestant {
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** What a contestant takes for its work: nanoseconds, for each round. */
export interface Times {
  readonly name: string;
  readonly rounds: readonly number[];
}

/** How the contestants are timed. */
export interface RaceOptions {
  /** Default 7. */
  readonly rounds?: number;
  /** How long each one runs in each round; default 40. */
  readonly milliseconds?: number;
  /** How long each one runs before, until it is compiled and its heap has grown; default 400. */
  readonly warmUp?: number;
  /**
   * Is told of a contestant that cannot take part, and why: the others go on without it. By default
   * that is an error.
   */
  readonly leftOut?: (name: string, reason: string) => void;
  /** How many milliseconds a contestant has to tell what it has found; default 60,000. */
  readonly patience?: number;
}

/**
 * Times contestants against each other.
 *
 * @param expected What each must have found.
 * @throws {Error} Somebody has found something else.
 */
export async function race(
  contestants: readonly Contestant[],
  expected: Tally,
  { rounds = 7, milliseconds = 40, warmUp = 400, leftOut, patience = 60_000 }: RaceOptions = {},
): Promise<Times[]> {
  const racers: {
    readonly name: string;
    readonly rounds: number[];
    process: LineProcess;
  }[] = [];
  try {
    for (const { name, command } of contestants) {
      const process = new LineProcess(command, { DENO_NO_UPDATE_CHECK: "1" });
      racers.push({ name, rounds: [], process });
      try {
        expectTally(name, await found(process, patience), expected);
      } catch (error) {
        if (leftOut === undefined) throw error;
        racers.pop();
        process.kill();
        leftOut(name, (error as Error).message);
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

async function found(process: LineProcess, patience: number): Promise<Tally> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`It has found nothing within ${patience} ms`)),
    patience,
  );
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
