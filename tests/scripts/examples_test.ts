import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { runsOn } from "../support/child.ts";
import { bounded } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { unless } from "../support/unless.ts";

const examples = decodeURIComponent(new URL("../../examples/", import.meta.url).pathname);

/** A part of the output of each example. */
const outputs: Readonly<Record<string, string>> = {
  "chat.ts": "Ada reads: Grace: Hello, Ada",
  "child_process.ts": "[ 6, 30 ]\nexit code 0",
  "custom_framer.ts": "300 bytes decoded",
  "echo.ts": 'received: "three"',
  "edge.ts": '{"sensor":"roof","celsius":41}',
  "file_transfer.ts": "██████████ 100 %\nreceived: 8388608 bytes\ncomplete: true",
  "http_head.ts": "unread: bytes after it",
  "lsp_client.ts": "Line 2 is empty\nexit code 0",
  "mcp_client.ts": "tools: add\n1 + 2 + 39 = 42\nexit code 0",
  "mcp_server.ts": "",
  "request_reply.ts": "[ 15, 0, 42 ]",
  "sse.ts": "message 1: one\nlines 2: first\nsecond\nmessage 3: done\n",
};

/**
 * Returns a folder with the examples, in which they can import the package by its name: only deno.json maps it to
 * the sources, and the other runtimes find it if they are part of a package of this name.
 */
function packageFolder(): string {
  const folder = temporaryFolder();
  const files = ["mod.ts", "protocols.ts", "testing.ts"];
  for (const file of files) symlinkSync(`${examples}../${file}`, `${folder}/${file}`);
  const exports = { ".": "./mod.ts", "./protocols": "./protocols.ts", "./testing": "./testing.ts" };
  const description = { name: "@framewright/framewright", type: "module", exports };
  writeFileSync(`${folder}/package.json`, JSON.stringify(description));
  for (const file of Object.keys(outputs)) copyFileSync(examples + file, `${folder}/${file}`);
  return `${folder}/`;
}

const cannotUse = parses("await using value = null;") ? undefined : "needs `await using`";

const folder = runsOn("deno") ? examples : packageFolder();
const run = runsOn("deno") ? ["run", "-A", "--no-check"] : [];

for (const [file, output] of Object.entries(outputs)) {
  const uses = readFileSync(folder + file, "utf8").includes("await using");
  const reason = uses ? cannotUse : undefined;
  test(...unless(reason, `examples/${file} runs and ends`, bounded), () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...run, folder + file], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(output), stdout);
  });
}

test("examples/ contains no other programs", () => {
  const programs = readdirSync(examples).filter((file) => file.endsWith(".ts"));
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
