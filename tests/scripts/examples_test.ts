import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { runsOn } from "../support/child.ts";
import { bounded } from "../support/limits.ts";

const folder = decodeURIComponent(new URL("../../examples/", import.meta.url).pathname);

/** A part of the output of each example. */
const outputs: Readonly<Record<string, string>> = {
  "chat.ts": "Ada reads: Grace: Hello, Ada",
  "child_process.ts": "[ 6, 30 ]\nexit code 0",
  "custom_framer.ts": "300 bytes decoded",
  "echo.ts": 'received: "three"',
  "edge.ts": '{"sensor":"roof","celsius":41}',
  "http_head.ts": "unread: bytes after it",
  "request_reply.ts": "[ 15, 0, 42 ]",
};

// Only deno.json maps the package's name to the sources.
const skip = runsOn("deno") ? "" : " (skipped: examples import the package by its name)";

for (const [file, output] of Object.entries(outputs)) {
  test(`examples/${file} runs and ends${skip}`, { ...bounded, skip: skip !== "" }, () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["run", "-A", "--no-check", folder + file],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(output), stdout);
  });
}

test("examples/ contains no other programs", () => {
  const programs = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  assert.deepEqual(programs.sort(), Object.keys(outputs));
});
