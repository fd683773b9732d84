/**
 * Installs the package from `npm/` as its users do, and checks its files, types, definitions, bundles and
 * loading, and runs the tests against it. Prints one line for each part.
 *
 *     deno task build:npm && deno task test:npm
 *     deno task test:npm types sizes             only these parts
 *
 * @module
 */

import { bundlerChecks } from "./npm/check_bundlers.ts";
import { definitionChecks } from "./npm/check_definitions.ts";
import { leftoverChecks } from "./npm/check_leftovers.ts";
import { loadingChecks } from "./npm/check_loading.ts";
import { sizeChecks } from "./npm/check_sizes.ts";
import { suiteChecks } from "./npm/check_suite.ts";
import { typeChecks } from "./npm/check_types.ts";
import { home, install, tarball, tool } from "./npm/consumer.ts";
import { inspect } from "./npm/inspect.ts";
import { manifest } from "./npm/manifest.ts";
import { type Check, Report } from "./npm/report.ts";

const fileChecks: Check[] = [
  ["files", async () => {
    const problems = await inspect(`${home}/node_modules/${manifest.name}`);
    if (problems.length > 0) throw new Error(problems.join("\n"));
  }],
  ["publint", async () => void await tool("npm:publint@0.3.25", "run", tarball, "--strict")],
  ["are the types wrong?", async () => {
    const attw = ["-p", "npm:@arethetypeswrong/cli@0.18.5", "attw"];
    await tool(...attw, tarball, "--profile", "esm-only");
  }],
];

/** The checks of each part, and the maximum number that run in parallel. */
const parts: Readonly<Record<string, [() => Check[] | Promise<Check[]>, parallel: number]>> = {
  files: [() => fileChecks, 1],
  definitions: [definitionChecks, 1],
  sizes: [sizeChecks, 1],
  bundlers: [bundlerChecks, 1],
  leftovers: [leftoverChecks, 1],
  loading: [loadingChecks, 1],
  types: [typeChecks, 2],
  suite: [suiteChecks, 1],
};

const report = new Report();
await report.part("install", [["npm", install]]);
for (const [name, [checks, parallel]] of Object.entries(parts)) {
  if (Deno.args.length === 0 || Deno.args.includes(name)) {
    await report.part(name, await checks(), parallel);
  }
}
console.log(`npm: ${report.passed} passed, ${report.failed} failed`);
if (report.failed > 0) Deno.exit(1);
