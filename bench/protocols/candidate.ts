/**
 * A ready-made protocol, or a package that people use, in its own process:
 *
 *     node bench/protocols/candidate.ts "small resp" own
 *
 * @module
 */

import process from "node:process";
import { FrameDecoder } from "../../mod.ts";
import { Count, type Tally } from "../support/tally.ts";
import { takePart } from "../support/work.ts";
import { packageWork } from "./packages.ts";
import { type ProtocolWork, works } from "./works.ts";

const [name, side] = process.argv.slice(2);
const work = works.find((work) => work.name === name);
if (work === undefined) throw new Error(`Unknown work ${name}`);
await takePart(side === "own" ? ownWork(work) : await packageWork(work, side!));

function ownWork({ protocol, size, chunks }: ProtocolWork): () => Tally {
  return () => {
    const count = new Count();
    const decoder = new FrameDecoder(protocol());
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let message; (message = decoder.read()) !== undefined;) {
        count.frames++;
        count.lengths += size(message as never);
      }
    }
    return count;
  };
}
