/**
 * What is counted: which workloads, which ways to go about them, and how often.
 *
 * @module
 */

/** What is done with the frames of a workload. */
export type Way = "visit" | "read" | "encode";

/** The workloads that are counted, and how many frames of them in each run; the longest first. */
export const countedWorkloads: Readonly<Record<string, number>> = {
  W4: 1000,
  W6: 400,
  W5: 200,
  W1: 1000,
  W7: 1000,
};

/** So many runs are counted, and the median is taken: the collector of garbage may meet one of them. */
export const countedRuns = 5;

/** What is done with a workload. W5 differs from W4 by its chunks, and an encoder sees none. */
export function waysOf(workload: string): readonly Way[] {
  return workload === "W5" ? ["visit", "read"] : ["visit", "read", "encode"];
}
