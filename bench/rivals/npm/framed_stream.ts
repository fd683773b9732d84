import { EventEmitter } from "node:events";
import { Count } from "../../support/count.ts";
import type { Rival } from "../rival.ts";
import { buffersOf } from "./buffers.ts";
import { load } from "./load.ts";
import type { Through } from "./through.ts";

interface Module {
  readonly default: new (raw: Source) => Through;
}

/** Messages over any stream, behind a little-endian length. */
export const framedStream: Rival = {
  name: "framed-stream",
  streams: ["W1-little"],
  async prepare(work) {
    const { default: FramedStream } = await load<Module>("framed-stream");
    const buffers = buffersOf(work);
    return async () => {
      const count = new Count();
      const source = new Source(buffers);
      const framed = new FramedStream(source);
      framed.on("data", ((frame: Uint8Array) => count.add(frame)) as (frame: never) => void);
      await new Promise<void>((resolve, reject) => {
        framed.on("end", () => resolve());
        framed.on("error", reject);
      });
      return count;
    };
  },
};

/** The least that is a stream to it: no rival should pay for another one's stream. */
class Source extends EventEmitter {
  readonly #buffers: readonly Uint8Array[];
  #at = 0;
  #paused = true;
  #running = false;

  constructor(buffers: readonly Uint8Array[]) {
    super();
    this.#buffers = buffers;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#running) return;
    this.#running = true;
    while (!this.#paused && this.#at < this.#buffers.length) {
      this.emit("data", this.#buffers[this.#at++]);
    }
    this.#running = false;
    if (!this.#paused && this.#at === this.#buffers.length) {
      this.#at++;
      this.emit("end");
    }
  }

  write(): boolean {
    return true;
  }

  end(): void {}

  destroy(): void {}
}
