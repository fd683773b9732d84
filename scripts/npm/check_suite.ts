/**
 * Compiles the tests that import only what the package exports, and runs them against the package.
 *
 * @module
 */

import { copySource, on, root, run, writeJson } from "./consumer.ts";
import type { Check } from "./report.ts";

/** Maximum number of lines printed of a run that fails. */
const MAX_LINES = 100;

/** Folders of `tests/` that test the repository or belong to other checks. */
const excluded = ["web", "scripts", "types", "examples", "live"].map((name) => `tests/${name}/`);

async function* testFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    if (isDirectory) yield* testFiles(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`;
  }
}

/** Returns the files that import the sources, directly or indirectly. */
async function internalFiles(files: readonly string[]): Promise<Set<string>> {
  const imports = new Map<string, string[]>();
  for (const file of files) {
    const text = await Deno.readTextFile(`${root}${file}`);
    const specifiers = [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => path!);
    imports.set(file, specifiers.map((path) => new URL(path, `file:///${file}`).pathname.slice(1)));
  }
  const internal = new Set<string>();
  for (let size = -1; size < internal.size;) {
    size = internal.size;
    for (const [file, targets] of imports) {
      if (targets.some((path) => path.startsWith("src/") || internal.has(path))) internal.add(file);
    }
  }
  return internal;
}

/** Returns one check that compiles the tests, then one for each runtime that runs them. */
export async function suiteChecks(): Promise<Check[]> {
  const files = (await Array.fromAsync(testFiles("tests/")))
    .filter((file) => !excluded.some((folder) => file.startsWith(folder)));
  const internal = await internalFiles(files);
  const suite: string[] = [];
  for (const file of files) {
    if (internal.has(file)) continue;
    await copySource(file, ".js");
    if (file.endsWith("_test.ts")) {
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
  // A selection: all tests run on the sources, and slow ones find nothing about the package.
  const selected = suite.filter((file) =>
    /\/(?:codecs|streams|connections|requests)\/|(?:sending|receiving|serving)_|frame_decoder_test/
      .test(
        file,
      )
  );
  const node = (major: number, files: string[]) =>
    tests(`Node ${major}`, () => on(`node@${major}`, "--test", "--test-concurrency=2", ...files));
  return [
    ["TypeScript", async () => {
      await run("node", "node_modules/typescript-7.0/bin/tsc", "-p", "tsconfig.suite.json");
      return `${suite.length} files, without ${internal.size} internal ones`;
    }],
    node(20, selected),
    node(26, selected),
    tests("Bun", () => on("bun@1.4.5", "test", "--timeout", "30000", ...selected)),
    tests("Deno", () => run(Deno.execPath(), "test", "-A", "--no-check", ...selected)),
  ];
}

/** Returns a check that notes how many tests passed, or throws the last lines of the output. */
function tests(runtime: string, output: () => Promise<string>): Check {
  return [runtime, async () => {
    try {
      return `${runtime} ${count(await output())}`;
    } catch (error) {
      throw new Error((error as Error).message.split("\n").slice(-MAX_LINES).join("\n"));
    }
  }];
}

/** Returns the number of passed tests in the output of Node, Bun or Deno. */
function count(text: string): number {
  const [, passed] = /^(?:ℹ|#) pass (\d+)$/m.exec(text) ?? /^ *(\d+) pass$/m.exec(text) ??
    /^ok \| (\d+) passed/m.exec(text) ?? [];
  if (passed === undefined || passed === "0") throw new Error(`No tests ran:\n${text}`);
  return Number(passed);
}
