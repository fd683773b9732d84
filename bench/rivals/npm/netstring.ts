import { EventEmitter } from "node:events";
import { Count } from "../../support/count.ts";
import type { Rival } from "../rival.ts";
import { buffersOf } from "./buffers.ts";
import { load } from "./load.ts";

interface Module {
  readonly default: { readonly Stream: new (source: EventEmitter) => EventEmitter };
}

/** Netstrings, as events of a stream. */
export const netstring: Rival = {
  name: "netstring",
  streams: ["W1-netstring"],
  async prepare(work) {
    const { default: { Stream } } = await load<Module>("netstring");
    const buffers = buffersOf(work);
    return () => {
      const count = new Count();
      const source = new EventEmitter();
      const frames = new Stream(source);
      frames.on("data", (frame: Uint8Array) => count.add(frame));
      for (const buffer of buffers) source.emit("data", buffer);
      return count;
    };
  },
};
