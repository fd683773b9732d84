/**
 * The protocol between a bench and the programs it measures. A server prints its port, and for each line
 * of input what it has used so far. A client prints `"ready"`, then plays its role for each line of
 * input, a number of milliseconds, and prints the result. Both exit at the end of their input.
 *
 * @module
 */

import process from "node:process";
import { inputLines, print } from "../support/work.ts";

/** The role of a process: its last argument, as JSON. */
export interface Role {
  /** Servers: `"echo"` returns every message, `"sink"` counts them. The others are clients. */
  readonly name: "echo" | "sink" | "pingPong" | "flood" | "duplex";
  readonly hostname: string;
  /** Port of the server, for clients. */
  readonly port?: number;
  /** Number of connections. */
  readonly connections: number;
  /** Length of a message in bytes. */
  readonly size: number;
  /** Which API of the library to use; programs written by hand ignore it. */
  readonly api: string;
}

/** What a server has used. */
export interface Use {
  /** Resident memory in bytes. */
  readonly memory: number;
  /** Processor time since its start, in nanoseconds. */
  readonly processor: number;
}

/** What a client has done. */
export interface Result {
  /** Number of messages that completed their way. */
  readonly messages: number;
  readonly nanoseconds: number;
  /** Processor time of the client, in nanoseconds. */
  readonly processor: number;
  /** Median round trip in nanoseconds, for a single connection. */
  readonly p50?: number;
}

/** Plays a client's role for a number of milliseconds. */
export type Run = (milliseconds: number) => Promise<Omit<Result, "processor" | "nanoseconds">>;

/** A program that is measured. */
export interface Program {
  /** Starts to serve. Returns the port. */
  serve(role: Role): Promise<number>;
  /** Sends one message at a time over each connection, and receives it back. */
  pingPong(role: Role): Promise<Run>;
  /** Sends in one direction, as much as the peer accepts. */
  flood(role: Role): Promise<Run>;
  /** Sends as much as the peer accepts, and receives all of it back. */
  duplex(role: Role): Promise<Run>;
}

/** Plays the role in the command line. */
export async function play(program: Program): Promise<void> {
  const role: Role = JSON.parse(process.argv.at(-1)!);
  if (role.name === "echo" || role.name === "sink") {
    print(await program.serve(role));
    for await (const _ of inputLines()) {
      print({ memory: process.memoryUsage().rss, processor: processorTime() });
    }
  } else {
    const run = await program[role.name](role);
    print("ready");
    for await (const line of inputLines()) {
      const before = processorTime();
      const started = performance.now();
      const result = await run(Number(line));
      const nanoseconds = (performance.now() - started) * 1e6;
      print({ ...result, nanoseconds, processor: processorTime() - before });
    }
  }
  process.exit(0);
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
