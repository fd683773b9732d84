import { arriving } from "../../memory/arriving.ts";
import { Count } from "../../support/count.ts";
import { chunksOf } from "../../support/workloads.ts";
import type { Rival } from "../rival.ts";
import { load } from "./load.ts";

interface Module {
  transformSplitEnvelope(
    limit: number,
  ): (source: AsyncIterable<Uint8Array>) => AsyncIterable<{ readonly data: Uint8Array }>;
}

/** The envelopes of Connect and gRPC: flags and a `uint32`. */
export const connect: Rival = {
  name: "@connectrpc/connect",
  streams: ["W1-enveloped"],
  async prepare(work) {
    const { transformSplitEnvelope } = await load<Module>("@connectrpc/connect/protocol");
    const chunks = chunksOf(work);
    return async () => {
      const count = new Count();
      const envelopes = transformSplitEnvelope(0xffff_ffff)(arriving(chunks));
      for await (const { data } of envelopes) count.add(data);
      return count;
    };
  },
};
