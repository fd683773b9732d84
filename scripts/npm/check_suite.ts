/**
 * Compiles the tests that import only what the package exports, and runs them against the package.
 *
 * @module
 */

import { copySource, on, root, run, writeJson } from "./consumer.ts";
import type { Check } from "./report.ts";

/** Number of lines that are printed of a run that fails. */
const LINES = 100;

/** Folders of `tests/` that belong to the repository, or to other checks. */
const elsewhere = ["tests/web/", "tests/scripts/", "tests/types/"];

async function* testFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    if (isDirectory) yield* testFiles(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`;
  }
}

/** One check that compiles, and one for each runtime, to be run in this order. */
export async function suiteChecks(): Promise<Check[]> {
  const suite: string[] = [];
  let internal = 0;
  for await (const file of testFiles("tests/")) {
    if (elsewhere.some((folder) => file.startsWith(folder))) continue;
    if (!await copySource(file, ".js")) internal++;
    else if (file.endsWith("_test.ts")) {
      suite.push(file.replace("tests/", "./dist/").replace(/\.ts$/, ".js"));
    }
  }
  await writeJson("tsconfig.suite.json", {
    compilerOptions: {
      target: "es2022",
      lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      types: ["node"],
      rootDir: "tests",
      outDir: "dist",
    },
    include: ["tests"],
    exclude: ["tests/types"],
  });
  // Node 20 runs only here; the tests of all runtimes have passed on the others before.
  const usual = suite.filter((file) =>
    !file.includes("/runtimes/") || /(?:send|receiv|serv)ing_/.test(file)
  );
  const node = (major: number, files: string[]) =>
    tests(`Node ${major}`, () => on(`node@${major}`, "--test", "--test-concurrency=2", ...files));
  return [
    ["TypeScript", async () => {
      await run("node", "node_modules/typescript-7.0/bin/tsc", "-p", "tsconfig.suite.json");
      return `${suite.length} files, ${internal} are internal`;
    }],
    node(20, suite),
    ...[22, 24, 26].map((major) => node(major, usual)),
    tests("Bun", () => on("bun@1.4.5", "test", "--timeout", "30000", ...usual)),
    tests("Deno", () => run(Deno.execPath(), "test", "-A", "--no-check", ...usual)),
  ];
}

/** Runs tests, and notes how many passed; of a failure only the end, where all runtimes sum it up. */
function tests(runtime: string, output: () => Promise<string>): Check {
  return [runtime, async () => {
    try {
      return `${runtime} ${count(await output())}`;
    } catch (error) {
      throw new Error((error as Error).message.split("\n").slice(-LINES).join("\n"));
    }
  }];
}

/** The number of tests that passed, as Node, Bun or Deno reports it. */
function count(text: string): number {
  const [, passed] = /^(?:ℹ|#) pass (\d+)$/m.exec(text) ?? /^ *(\d+) pass$/m.exec(text) ??
    /^ok \| (\d+) passed/m.exec(text) ?? [];
  if (passed === undefined || passed === "0") throw new Error(`No test has run:\n${text}`);
  return Number(passed);
}
