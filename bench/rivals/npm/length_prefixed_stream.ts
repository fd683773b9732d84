import type { Rival } from "../rival.ts";
import { load } from "./load.ts";
import { type Through, throughBytes } from "./through.ts";

interface Module {
  readonly default: { decode(): Through };
}

/** Frames behind a varint, as a transform stream. */
export const lengthPrefixedStream: Rival = {
  name: "length-prefixed-stream",
  streams: ["W7"],
  async prepare(work) {
    const { default: lengthPrefixed } = await load<Module>("length-prefixed-stream");
    return throughBytes(work, () => lengthPrefixed.decode());
  },
};
