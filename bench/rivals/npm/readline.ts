import { createInterface, type Interface } from "node:readline";
import { Readable } from "node:stream";
import { StringCount } from "../../support/tally.ts";
import type { Workload } from "../../support/workloads.ts";
import type { Implementation } from "../implementation.ts";
import { buffersOf } from "./load.ts";

/** Node's own module for lines. */
export const readline: readonly Implementation[] = [
  {
    name: "node:readline, strings",
    streams: ["W4s", "W5", "W8-short"],
    prepare: (work) =>
      reading(work, async (lines, count) => {
        lines.on("line", count.add);
        await new Promise<void>((resolve) => lines.on("close", resolve));
      }),
  },
  {
    name: "node:readline, for await, strings",
    streams: ["W4s"],
    prepare: (work) =>
      reading(work, async (lines, count) => {
        for await (const line of lines) count.add(line);
      }),
  },
];

function reading(work: Workload, take: (lines: Interface, count: StringCount) => Promise<void>) {
  const buffers = buffersOf(work);
  return async () => {
    const count = new StringCount();
    let at = 0;
    const input = new Readable({
      read() {
        this.push(at === buffers.length ? null : buffers[at++]);
      },
    });
    await take(createInterface({ input, crlfDelay: Infinity }), count);
    return count;
  };
}
