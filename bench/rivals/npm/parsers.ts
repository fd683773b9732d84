import { EventEmitter } from "node:events";
import { Count } from "../../support/tally.ts";
import { arriving, chunksOf } from "../../support/workloads.ts";
import type { Implementation } from "../implementation.ts";
import { buffersOf, load } from "./load.ts";

interface PgProtocol {
  readonly Parser: new () => {
    parse(chunk: Uint8Array, take: (message: { readonly chunk: Uint8Array }) => void): void;
  };
}

interface Netstring {
  readonly default: { readonly Stream: new (source: EventEmitter) => EventEmitter };
}

interface Connect {
  transformSplitEnvelope(
    limit: number,
  ): (source: AsyncIterable<Uint8Array>) => AsyncIterable<{ readonly data: Uint8Array }>;
}

/** Parsers that are not streams. */
export const parsers: readonly Implementation[] = [
  {
    name: "pg-protocol",
    streams: ["W1-typed", "W2-typed"],
    async prepare(work) {
      const { Parser } = await load<PgProtocol>("pg-protocol/dist/parser.js");
      const buffers = buffersOf(work);
      return () => {
        const count = new Count();
        const parser = new Parser();
        for (const buffer of buffers) parser.parse(buffer, ({ chunk }) => count.add(chunk));
        return count;
      };
    },
  },
  {
    name: "netstring",
    streams: ["W1-netstring"],
    async prepare(work) {
      const { default: { Stream } } = await load<Netstring>("netstring");
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
  },
  {
    name: "@connectrpc/connect",
    streams: ["W1-enveloped"],
    async prepare(work) {
      const { transformSplitEnvelope } = await load<Connect>("@connectrpc/connect/protocol");
      const chunks = chunksOf(work);
      return async () => {
        const count = new Count();
        const envelopes = transformSplitEnvelope(0xffff_ffff)(arriving(chunks));
        for await (const { data } of envelopes) count.add(data);
        return count;
      };
    },
  },
];
