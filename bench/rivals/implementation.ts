import type { Work } from "../support/work.ts";
import type { Workload } from "../support/workloads.ts";

/** One way to decode streams in JavaScript. */
export interface Implementation {
  readonly name: string;
  /** The streams that it supports. */
  readonly streams: readonly string[];
  /** Loads what it needs, and returns its work. */
  prepare(work: Workload): Work | Promise<Work>;
}
