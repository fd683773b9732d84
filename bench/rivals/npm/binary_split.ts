import type { Rival } from "../rival.ts";
import { load } from "./load.ts";
import { type Through, throughBytes } from "./through.ts";

interface Module {
  readonly default: (mark: string) => Through;
}

/** What stands between marks as buffers, from a transform stream. */
export const binarySplit: Rival = {
  name: "binary-split",
  streams: ["W4", "W5", "W6", "W8-short"],
  async prepare(work) {
    const { default: split } = await load<Module>("binary-split");
    return throughBytes(work, () => split(work.name === "W6" ? "\r\n\r\n" : "\n"));
  },
};
