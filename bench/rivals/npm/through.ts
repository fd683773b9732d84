import type { Work } from "../../support/work.ts";
import type { Workload } from "../../support/workloads.ts";
import { Count } from "../../support/count.ts";
import { StringCount } from "../../support/string_count.ts";
import { buffersOf } from "./buffers.ts";

/** A stream of Node's that is written to and read from, as far as it matters here. */
export interface Through {
  on(event: "data", listener: (frame: never) => void): unknown;
  on(event: "end" | "error", listener: (error: Error) => void): unknown;
  once(event: "drain", listener: () => void): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
}

/** The work of writing all chunks into a new stream, and counting what comes out. */
export function throughBytes(work: Workload, make: () => Through): Work {
  const buffers = buffersOf(work);
  return async () => {
    const count = new Count();
    await pass(buffers, make(), (frame: Uint8Array) => count.add(frame));
    return count;
  };
}

/** The same, where strings come out, an empty one perhaps behind the last mark. */
export function throughStrings(work: Workload, make: () => Through): Work {
  const buffers = buffersOf(work);
  return async () => {
    const count = new StringCount();
    await pass(buffers, make(), (line: string) => {
      if (line !== "") count.add(line);
    });
    return count;
  };
}

/** Waits when the stream wants that, and for its end. */
async function pass<Frame>(
  buffers: readonly Uint8Array[],
  through: Through,
  take: (frame: Frame) => void,
): Promise<void> {
  through.on("data", take as (frame: never) => void);
  const ended = new Promise((resolve, reject) => {
    through.on("end", resolve);
    through.on("error", reject);
  });
  for (const buffer of buffers) {
    if (through.write(buffer)) continue;
    await Promise.race([new Promise<void>((resolve) => through.once("drain", resolve)), ended]);
  }
  through.end();
  await ended;
}
