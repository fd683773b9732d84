import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { runsOn } from "../support/child.ts";
import { bounded } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { unless } from "../support/unless.ts";

const folder = decodeURIComponent(new URL("../../examples/", import.meta.url).pathname);
const root = new URL("../../", import.meta.url).href;

/** A part of the output of each example. */
const outputs: Readonly<Record<string, string>> = {
  "chat.ts": "Ada reads: Grace: Hello, Ada",
  "child_process.ts": "[ 6, 30 ]\nexit code 0",
  "custom_framer.ts": "300 bytes decoded",
  "echo.ts": 'received: "three"',
  "edge.ts": '{"sensor":"roof","celsius":41}',
  "file_transfer.ts": "██████████ 100 %\nreceived: 8388608 bytes\ncomplete: true",
  "http_head.ts": "unread: bytes after it",
  "request_reply.ts": "[ 15, 0, 42 ]",
};

/** Returns the arguments with which this runtime runs an example. Only deno.json knows the package's name. */
function argumentsFor(file: string): string[] {
  if (runsOn("deno")) return ["run", "-A", "--no-check", folder + file];
  const copy = `${temporaryFolder()}/${file}`;
  const source = readFileSync(folder + file, "utf8");
  const imported = source
    .replaceAll('"@framewright/framewright"', JSON.stringify(`${root}mod.ts`))
    .replaceAll('"@framewright/framewright/testing"', JSON.stringify(`${root}testing.ts`));
  writeFileSync(copy, imported);
  return [copy];
}

const cannotUse = parses("await using value = null;") ? undefined : "needs `await using`";

for (const [file, output] of Object.entries(outputs)) {
  const uses = readFileSync(folder + file, "utf8").includes("await using");
  const reason = uses ? cannotUse : undefined;
  test(...unless(reason, `examples/${file} runs and ends`, bounded), () => {
    const args = argumentsFor(file);
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(output), stdout);
  });
}

test("examples/ contains no other programs", () => {
  const programs = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  assert.deepEqual(programs.sort(), Object.keys(outputs));
});

/** Whether this runtime's own parser accepts a statement. */
function parses(statement: string): boolean {
  try {
    return new Function(`return async () => { ${statement} };`) !== undefined;
  } catch {
    return false;
  }
}
