import type { Rival } from "../rival.ts";
import { load } from "./load.ts";
import { type Through, throughBytes } from "./through.ts";

interface Module {
  readonly default: { decode(): Through };
}

/** Frames behind a `uint32`, as a transform stream. */
export const frameStream: Rival = {
  name: "frame-stream",
  streams: ["W1", "W2", "W3"],
  async prepare(work) {
    const { default: frame } = await load<Module>("frame-stream");
    return throughBytes(work, () => frame.decode());
  },
};
