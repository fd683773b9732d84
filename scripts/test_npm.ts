/**
 * Installs the package that is in `npm/` the way its users do, and checks it as they meet it: its types,
 * bundles, definitions and files, how it loads, and the tests against it. One line is printed for each part.
 *
 *     deno task build:npm && deno task test:npm
 *     deno task test:npm types sizes             these parts only
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

/** Each part: its checks, and how many of them run at a time. */
const parts: Readonly<Record<string, [() => Check[] | Promise<Check[]>, width: number]>> = {
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
for (const [name, [checks, width]] of Object.entries(parts)) {
  if (Deno.args.length === 0 || Deno.args.includes(name)) {
    await report.part(name, await checks(), width);
  }
}
console.log(`npm: ${report.passed} passed, ${report.failed} failed`);
if (report.failed > 0) Deno.exit(1);
