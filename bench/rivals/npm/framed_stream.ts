import { EventEmitter } from "node:events";
import { Count } from "../../support/tally.ts";
import type { Implementation } from "../implementation.ts";
import { buffersOf, load } from "./load.ts";
import type { Transform } from "./transforms.ts";

interface Module {
  readonly default: new (raw: EventEmitter) => Transform;
}

/** Messages over any stream, after a little-endian length. */
export const framedStream: Implementation = {
  name: "framed-stream",
  streams: ["W1-little"],
  async prepare(work) {
    const { default: FramedStream } = await load<Module>("framed-stream");
    const buffers = buffersOf(work);
    return async () => {
      const count = new Count();
      const framed = new FramedStream(sourceOf(buffers));
      framed.on("data", ((frame: Uint8Array) => count.add(frame)) as (frame: never) => void);
      await new Promise<void>((resolve, reject) => {
        framed.on("end", () => resolve());
        framed.on("error", reject);
      });
      return count;
    };
  },
};

/** Makes the smallest stream that the library accepts, so that no other stream's cost is measured. */
function sourceOf(buffers: readonly Uint8Array[]): EventEmitter {
  let at = 0;
  let isPaused = true;
  let isRunning = false;
  const source = new EventEmitter();
  const pause = () => isPaused = true;
  const resume = () => {
    isPaused = false;
    if (isRunning) return;
    isRunning = true;
    while (!isPaused && at < buffers.length) source.emit("data", buffers[at++]);
    isRunning = false;
    if (!isPaused && at++ === buffers.length) source.emit("end");
  };
  return Object.assign(source, { pause, resume, write: () => true, end() {}, destroy() {} });
}
