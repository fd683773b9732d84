import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { exampleCommand, exampleNames, examples } from "../support/example_programs.ts";
import { bounded } from "../support/limits.ts";
import { unless } from "../support/unless.ts";

/** A part of the output of each example that needs no peer. */
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

/** The tests of the others. */
const others = ["clients", "servers"].map((name) =>
  readFileSync(new URL(`../examples/${name}_test.ts`, import.meta.url), "utf8")
).join();

const cannotUse = parses("await using value = null;") ? undefined : "needs `await using`";

for (const [file, output] of Object.entries(outputs)) {
  const uses = readFileSync(examples + file, "utf8").includes("await using");
  const reason = uses ? cannotUse : undefined;
  test(...unless(reason, `examples/${file} runs and ends`, bounded), () => {
    const [command, ...args] = exampleCommand(file);
    const { status, stdout, stderr } = spawnSync(command!, args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(output), stdout);
  });
}

test("examples/ contains no other programs, and none of more than 60 lines", () => {
  for (const file of exampleNames) {
    assert.ok(file in outputs || others.includes(`examples/${file} `), file);
    const lines = readFileSync(examples + file, "utf8").split("\n").length - 1;
    assert.ok(lines <= 60, `${file} has ${lines} lines`);
  }
});

/** Whether this runtime's own parser accepts a statement. */
function parses(statement: string): boolean {
  try {
    return new Function(`return async () => { ${statement} };`) !== undefined;
  } catch {
    return false;
  }
}
