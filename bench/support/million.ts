/**
 * What a million connections would cost, worked out from what ten thousand have cost.
 *
 * @module
 */

import type { Outcome } from "../tcp/contest.ts";
import { digits, type Table } from "./report.ts";

/** What is used of the results of the bench of connections. */
export interface TcpResult {
  readonly case: string;
  readonly connections?: number;
  readonly outcomes: Readonly<Record<string, readonly Outcome[]>>;
}

const MILLION = 1e6;
/** Each connection asks something so often, in seconds. */
const PAUSE = 10;

/** A row a runtime; `undefined` where many connections were not measured. */
export function millionTable(results: readonly TcpResult[]): Table | undefined {
  const many = results.find((result) => result.case === "multitude");
  if (many === undefined) return undefined;
  const { connections = 1, outcomes } = many;
  return {
    title: `a million connections, each with a request in ${PAUSE} seconds, worked out from ${
      connections.toLocaleString("en-US")
    }`,
    head: ["", "KiB a connection", "GiB", "µs of processor a request", "cores"],
    rows: Object.entries(outcomes).flatMap(([runtime, entries]) =>
      entries.map(({ name, memory, processor }) => {
        const kibibytes = (memory.most - memory.before) * 1024 / connections;
        return [
          `${runtime}: ${name}`,
          digits(kibibytes),
          digits(kibibytes * MILLION / 2 ** 20),
          digits(processor.server / 1000),
          digits(processor.server * (MILLION / PAUSE) / 1e9),
        ];
      })
    ),
  };
}
