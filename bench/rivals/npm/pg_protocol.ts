import type { Buffer } from "node:buffer";
import { Count } from "../../support/count.ts";
import type { Rival } from "../rival.ts";
import { buffersOf } from "./buffers.ts";
import { load } from "./load.ts";

interface Module {
  readonly Parser: new () => {
    parse(chunk: Buffer, take: (message: { readonly chunk: Buffer }) => void): void;
  };
}

/** The parser of PostgreSQL's messages: each of them is CopyData. */
export const pgProtocol: Rival = {
  name: "pg-protocol",
  streams: ["W1-typed", "W2-typed"],
  async prepare(work) {
    const { Parser } = await load<Module>("pg-protocol/dist/parser.js");
    const buffers = buffersOf(work);
    return () => {
      const count = new Count();
      const parser = new Parser();
      for (const buffer of buffers) parser.parse(buffer, ({ chunk }) => count.add(chunk));
      return count;
    };
  },
};
