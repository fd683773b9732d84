import type { Rival } from "../rival.ts";
import { load } from "./load.ts";
import { type Through, throughBytes } from "./through.ts";

interface Module {
  readonly default: { createStream(): Through };
}

/** Lines as buffers, from a transform stream. */
export const byline: Rival = {
  name: "byline",
  streams: ["W4", "W5", "W8", "W8-short"],
  async prepare(work) {
    const { default: { createStream } } = await load<Module>("byline");
    return throughBytes(work, () => createStream());
  },
};
