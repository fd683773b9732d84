import { Count, StringCount } from "../../support/tally.ts";
import type { Workload } from "../../support/workloads.ts";
import type { Implementation } from "../implementation.ts";
import { buffersOf, load } from "./load.ts";

/** The part of a Node stream that is used here. */
export interface Transform {
  on(event: "data", listener: (frame: never) => void): unknown;
  on(event: "end" | "error", listener: (error: Error) => void): unknown;
  once(event: "drain", listener: () => void): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
}

interface Package {
  readonly name: string;
  readonly streams: readonly string[];
  /** Whether its frames are strings. */
  readonly strings?: boolean;
  // deno-lint-ignore no-explicit-any -- each package has its own exports
  make(module: any, delimiter: string): Transform;
}

const packages: readonly Package[] = [
  { name: "frame-stream", streams: ["W1", "W2", "W3"], make: (module) => module.default.decode() },
  { name: "length-prefixed-stream", streams: ["W7"], make: (module) => module.default.decode() },
  {
    name: "byline",
    streams: ["W4", "W5", "W8", "W8-short"],
    make: (module) => module.default.createStream(),
  },
  {
    name: "binary-split",
    streams: ["W4", "W5", "W6", "W8-short"],
    make: (module, mark) => module.default(mark),
  },
  {
    name: "@serialport/parser-delimiter",
    streams: ["W4", "W5", "W6", "W8-short"],
    make: ({ DelimiterParser }, delimiter) => new DelimiterParser({ delimiter }),
  },
  {
    name: "@serialport/parser-readline",
    streams: ["W4s", "W6"],
    strings: true,
    make: ({ ReadlineParser }, delimiter) => new ReadlineParser({ delimiter }),
  },
  {
    name: "@serialport/parser-byte-length",
    streams: ["W1-fixed"],
    make: ({ ByteLengthParser }) => new ByteLengthParser({ length: 64 }),
  },
  { name: "split2", streams: ["W4s", "W5", "W6", "W8-short"], strings: true, make: split },
  { name: "split", streams: ["W4s", "W6"], strings: true, make: split },
];

/** Without an argument both packages split at LF and at CRLF. */
// deno-lint-ignore no-explicit-any -- as in Package
function split(module: any, delimiter: string): Transform {
  return delimiter === "\n" ? module.default() : module.default(delimiter);
}

/** Packages that are transform streams. */
export const transforms: readonly Implementation[] = packages.map((
  { name, streams, strings = false, make },
) => ({
  name: strings ? `${name}, strings` : name,
  streams,
  async prepare(work) {
    const module = await load(name);
    const delimiter = work.name === "W6" ? "\r\n\r\n" : "\n";
    return passing(work, () => make(module, delimiter), strings);
  },
}));

/** Writes all chunks to a new stream, and counts what it emits. */
function passing(work: Workload, make: () => Transform, strings: boolean) {
  const buffers = buffersOf(work);
  return async () => {
    const count = strings ? new StringCount() : new Count();
    const take = count instanceof Count
      ? (frame: Uint8Array) => count.add(frame)
      // Some packages emit an empty string after the last delimiter.
      : (line: string) => line !== "" && count.add(line);
    await pass(buffers, make(), take as (frame: never) => void);
    return count;
  };
}

async function pass(
  buffers: readonly Uint8Array[],
  transform: Transform,
  take: (frame: never) => void,
): Promise<void> {
  transform.on("data", take);
  const ended = new Promise((resolve, reject) => {
    transform.on("end", resolve);
    transform.on("error", reject);
  });
  for (const buffer of buffers) {
    if (transform.write(buffer)) continue;
    await Promise.race([new Promise<void>((resolve) => transform.once("drain", resolve)), ended]);
  }
  transform.end();
  await ended;
}
