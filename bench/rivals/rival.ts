import type { Work } from "../support/work.ts";
import type { Workload } from "../support/workloads.ts";

/** Somebody in JavaScript who takes part. */
export interface Rival {
  readonly name: string;
  /** The streams it can do. */
  readonly streams: readonly string[];
  /** Loads what it needs, and gives its work. */
  prepare(work: Workload): Work | Promise<Work>;
}
