/**
 * The workloads and operations that are counted.
 *
 * @module
 */

/** An operation on the frames of a workload. */
export type Operation = "visit" | "read" | "encode";

/** Number of frames per run, by workload; the slowest first. */
export const countedWorkloads: Readonly<Record<string, number>> = {
  W4: 1000,
  W6: 400,
  W5: 200,
  W1: 1000,
  W7: 1000,
};

/** Number of counted runs; the median excludes those that a garbage collection falls into. */
export const countedRuns = 5;

/** Returns the operations on a workload. W5 differs from W4 only in its chunks: no encoding. */
export function operationsOf(workload: string): readonly Operation[] {
  return workload === "W5" ? ["visit", "read"] : ["visit", "read", "encode"];
}
