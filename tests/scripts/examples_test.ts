import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { runsOn } from "../support/child.ts";
import { bounded } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const examples = decodeURIComponent(new URL("../../examples/", import.meta.url).pathname);

/** A part of the output of each example. */
const outputs: Readonly<Record<string, string>> = {
  "chat.ts": "Ada reads: Grace: Hello, Ada",
  "child_process.ts": "[ 6, 30 ]\nexit code 0",
  "custom_framer.ts": "300 bytes decoded",
  "echo.ts": 'received: "three"',
  "edge.ts": '{"sensor":"roof","celsius":41}',
  "http_head.ts": "unread: bytes after it",
  "lsp_client.ts": "Line 2 is empty\nexit code 0",
  "mcp_client.ts": "tools: add\n1 + 2 + 39 = 42\nexit code 0",
  "mcp_server.ts": "",
  "request_reply.ts": "[ 15, 0, 42 ]",
  "sse.ts": "message 1: one\nlines 2: first\nsecond\nmessage 3: done\n",
};

/** Examples that show how to use a runtime's own functions. */
const onlyOnDeno: readonly string[] = ["child_process.ts", "edge.ts"];

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

/** Returns why an example cannot run here. */
function obstacle(file: string): string {
  if (runsOn("deno")) return "";
  if (onlyOnDeno.includes(file)) return " (skipped: an example for Deno)";
  try {
    new Function("async () => { await using nothing = null; }");
    return "";
  } catch {
    return " (skipped: the runtime has no `await using`)";
  }
}

const folder = runsOn("deno") ? examples : packageFolder();
const run = runsOn("deno") ? ["run", "-A", "--no-check"] : [];

for (const [file, output] of Object.entries(outputs)) {
  const skip = obstacle(file);
  test(`examples/${file} runs and ends${skip}`, { ...bounded, skip: skip !== "" }, () => {
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
