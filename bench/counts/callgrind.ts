import { commandOf } from "../support/runtimes.ts";
import { countedRuns, countedWorkloads, waysOf } from "./counted_work.ts";

/**
 * One runtime, in one version: what its compilers make of the same code is the same everywhere. It is
 * a Node, since Node's program has the names of its functions, and keeps its promises about flags.
 */
export const countedRuntime = "node@26.10.0";

/**
 * No threads, no clocks and no chance: compilers and collector do the same thing at the same
 * instruction each time. The heap has bounds of its own, since else they follow the machine's memory.
 */
const FLAGS = [
  "--single-threaded",
  "--predictable",
  "--hash-seed=1",
  "--random-seed=1",
  "--max-semi-space-size=16",
  "--max-old-space-size=512",
];

/** Node's function that runs a script: what happens in it is counted. */
const COUNTED = "node::contextify::ContextifyScript::RunInContext*";
/** The one that it calls: what has been counted before is written down. */
const WRITTEN = "node::contextify::ContextifyScript::EvalMachine*";

/**
 * Why instructions cannot be counted here.
 *
 * Callgrind shows the same processor to its programs on every machine that has AVX2, so that V8 and
 * libc choose the same code.
 *
 * @returns `undefined` where they can.
 */
export async function obstacle(): Promise<string | undefined> {
  const { arch, os } = Deno.build;
  if (arch !== "x86_64" || os !== "linux") {
    return `the figures are those of Linux on x86_64, not of ${os} on ${arch}`;
  }
  const processor = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  if (!/\bavx2\b/.test(processor)) return "this processor has no AVX2";
  try {
    await new Deno.Command("valgrind", { args: ["--version"], stdout: "null" }).output();
    return undefined;
  } catch {
    return "there is no valgrind";
  }
}

/**
 * Counts the instructions that a frame takes, all workloads in all ways.
 *
 * @param root The folder with mod.ts in it.
 * @returns The counts, by names like `W1 visit`.
 */
export async function countAll(root: URL): Promise<Record<string, number>> {
  const folder = await Deno.makeTempDir({ prefix: "counts-" });
  try {
    await bundle(decodeURIComponent(new URL("bench/counts/counted.ts", root).pathname), folder);
    const [node] = await commandOf(countedRuntime);
    const waiting = Object.keys(countedWorkloads);
    const counts: Record<string, number> = {};
    const work = async () => {
      for (let name; (name = waiting.shift()) !== undefined;) {
        Object.assign(counts, await countOne(node!, name, folder));
      }
    };
    await Promise.all(Array.from({ length: Math.min(navigator.hardwareConcurrency, 5) }, work));
    return counts;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** One file without types: reading and stripping many would be most of the time. */
async function bundle(file: string, folder: string): Promise<void> {
  const args = ["bundle", "-q", "--platform=deno", "-o", `${folder}/counted.mjs`, file];
  await output(Deno.execPath(), args);
}

async function countOne(
  node: string,
  name: string,
  folder: string,
): Promise<Record<string, number>> {
  await output("valgrind", [
    "--tool=callgrind",
    `--callgrind-out-file=${folder}/${name}`,
    `--toggle-collect=${COUNTED}`,
    `--dump-before=${WRITTEN}`,
    node,
    ...FLAGS,
    `${folder}/counted.mjs`,
    name,
  ]);
  const counts: Record<string, number> = {};
  // The first file is from before the first run.
  let file = 2;
  for (const way of waysOf(name)) {
    const runs: number[] = [];
    while (runs.length < countedRuns) runs.push(await totalIn(`${folder}/${name}.${file++}`));
    runs.sort((a, b) => a - b);
    counts[`${name} ${way}`] = runs[Math.floor(countedRuns / 2)]! / countedWorkloads[name]!;
  }
  return counts;
}

async function totalIn(file: string): Promise<number> {
  return Number(/^totals: (\d+)$/m.exec(await Deno.readTextFile(file))![1]);
}

async function output(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { DENO_NO_UPDATE_CHECK: "1", NODE_OPTIONS: "" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) {
    throw new Error(`${program} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  }
}
