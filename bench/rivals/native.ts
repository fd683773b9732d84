/**
 * Who takes part in other languages, in `native/`. What a machine has no compiler or no library for is
 * left out.
 *
 * @module
 */

import { build, type Built } from "./native/build.ts";
import type { Contestant } from "../support/race.ts";
import type { Workload } from "../support/workloads.ts";

/** Somebody who is no JavaScript. */
interface NativeRival {
  readonly name: string;
  readonly language: keyof typeof build;
  readonly workloads: readonly string[];
  /** What its program is told besides the file, the length of a chunk and the framing. */
  readonly face?: string;
}

/** How the streams are framed, as the programs call it. */
const framings: Readonly<Record<string, string>> = {
  W1: "uint32",
  W2: "uint32",
  W3: "uint32",
  W4: "lf",
  W4s: "lf",
  W5: "lf",
  W6: "block",
  W7: "varint",
  W8: "lf",
  "W8-short": "lf",
};

const everything = ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8"];

// Go's Scanner and decode_packet look for the end of a line from its start, whenever more has come:
// on W8 they would take minutes.
const nativeRivals: readonly NativeRival[] = [
  { name: "C, memchr", language: "c", workloads: [...everything, "W8-short"] },
  {
    name: "Rust, tokio-util",
    language: "rust",
    workloads: ["W1", "W2", "W3", "W4", "W5", "W8", "W8-short"],
    face: "tokio",
  },
  { name: "Rust, tokio-util, strings", language: "rust", workloads: ["W4s"], face: "strings" },
  { name: "Rust, bytes by hand", language: "rust", workloads: everything, face: "hand" },
  {
    name: "Go, bufio.Scanner",
    language: "go",
    workloads: ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8-short"],
    face: "bytes",
  },
  { name: "Go, bufio.Scanner, strings", language: "go", workloads: ["W4s"], face: "strings" },
  { name: "Java, Netty", language: "java", workloads: everything },
  {
    name: "Erlang, decode_packet",
    language: "erlang",
    workloads: ["W1", "W2", "W3", "W4", "W5", "W8-short"],
  },
  { name: "Python, asyncio", language: "python", workloads: everything },
];

const programs = new Map<string, Promise<Built>>();

/**
 * Those who take part on a workload.
 *
 * @param leftOut Is told of languages that cannot, and why: once each.
 */
export async function nativeContestants(
  work: Workload,
  leftOut: (name: string, reason: string) => void,
): Promise<Contestant[]> {
  const folder = new URL("../../.tmp/bench/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  const file = decodeURIComponent(new URL(`${work.name}.bytes`, folder).pathname);
  const contestants: Contestant[] = [];
  for (const { name, language, workloads, face } of nativeRivals) {
    if (!workloads.includes(work.name)) continue;
    const known = programs.get(language);
    const built = await (known ?? build[language]!());
    programs.set(language, Promise.resolve(built));
    if ("missing" in built) {
      if (known === undefined) leftOut(language, built.missing);
      continue;
    }
    const args = [file, String(work.chunkLength), framings[work.name]!];
    if (face !== undefined) args.push(face);
    contestants.push({ name, command: [...built.command, ...args] });
  }
  if (contestants.length > 0) await Deno.writeFile(file, work.bytes);
  return contestants;
}
