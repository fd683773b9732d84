import type { Rival } from "../rival.ts";
import { load } from "./load.ts";
import { type Through, throughStrings } from "./through.ts";

interface Module {
  readonly default: (mark?: string) => Through;
}

/** What stands between marks as strings, from a stream: two packages with the same face. */
export const split: readonly Rival[] = ["split2", "split"].map((name): Rival => ({
  name: `${name}, strings`,
  streams: name === "split" ? ["W4s", "W6"] : ["W4s", "W5", "W6", "W8-short"],
  async prepare(work) {
    const { default: split } = await load<Module>(name);
    return throughStrings(work, () => work.name === "W6" ? split("\r\n\r\n") : split());
  },
}));
