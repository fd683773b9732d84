import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Rival } from "../rival.ts";
import { StringCount } from "../../support/string_count.ts";
import { buffersOf } from "./buffers.ts";

/** What Node itself brings for lines. */
export const readline: readonly Rival[] = [
  {
    name: "node:readline, strings",
    streams: ["W4s", "W5", "W8-short"],
    prepare(work) {
      const buffers = buffersOf(work);
      return async () => {
        const count = new StringCount();
        const lines = createInterface({ input: arrivingAt(buffers), crlfDelay: Infinity });
        lines.on("line", count.add);
        await new Promise<void>((resolve) => lines.on("close", resolve));
        return count;
      };
    },
  },
  {
    name: "node:readline, for await, strings",
    streams: ["W4s"],
    prepare(work) {
      const buffers = buffersOf(work);
      return async () => {
        const count = new StringCount();
        const lines = createInterface({ input: arrivingAt(buffers), crlfDelay: Infinity });
        for await (const line of lines) count.add(line);
        return count;
      };
    },
  },
];

function arrivingAt(buffers: readonly Uint8Array[]): Readable {
  let at = 0;
  return new Readable({
    read() {
      this.push(at === buffers.length ? null : buffers[at++]);
    },
  });
}
