import { commandOf } from "../support/runtimes.ts";
import { countedRuns, countedWorkloads, operationsOf } from "./counted_work.ts";

/**
 * The runtime, in one version, so that the same code is compiled the same way everywhere. It is Node,
 * since its executable has symbols, and since V8's flags work in it.
 */
export const countedRuntime = "node@26.10.0";

/**
 * Flags that exclude threads, clocks and randomness, so that compilers and garbage collector behave
 * identically in every run. Heap sizes are fixed, since by default they depend on the machine.
 */
const FLAGS = [
  "--single-threaded",
  "--predictable",
  "--hash-seed=1",
  "--random-seed=1",
  "--max-semi-space-size=16",
  "--max-old-space-size=512",
];

/** Node's function that runs a script: only instructions inside it are counted. */
const COUNTED = "node::contextify::ContextifyScript::RunInContext*";
/** The function it calls: on entry, the counts so far are written to a file. */
const WRITTEN = "node::contextify::ContextifyScript::EvalMachine*";

/**
 * Returns why instructions cannot be counted here, or `undefined` if they can.
 *
 * Callgrind emulates the same processor on every machine with AVX2, so that V8 and libc choose the same
 * code.
 */
export async function obstacle(): Promise<string | undefined> {
  const { arch, os } = Deno.build;
  if (arch !== "x86_64" || os !== "linux") {
    return `the counts are for Linux on x86_64, not for ${os} on ${arch}`;
  }
  const processor = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  if (!/\bavx2\b/.test(processor)) return "this processor has no AVX2";
  try {
    await new Deno.Command("valgrind", { args: ["--version"], stdout: "null" }).output();
    return undefined;
  } catch {
    return "valgrind is not installed";
  }
}

/**
 * Counts the instructions per frame, for all workloads and operations.
 *
 * @param root The folder of mod.ts.
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

/** Bundles into one file without types: loading many files would take most of the time. */
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
  // The first file has the counts before the first run.
  let file = 2;
  for (const operation of operationsOf(name)) {
    const runs: number[] = [];
    while (runs.length < countedRuns) runs.push(await totalIn(`${folder}/${name}.${file++}`));
    runs.sort((a, b) => a - b);
    counts[`${name} ${operation}`] = runs[Math.floor(countedRuns / 2)]! / countedWorkloads[name]!;
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
    throw new Error(`${program} exited with ${code}: ${new TextDecoder().decode(stderr)}`);
  }
}
