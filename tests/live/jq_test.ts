/** `jsonSeq`, `ndjson` and `jsonValues` with `jq`. */

// apt: jq jq

import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError, spawn } from "../../mod.ts";
import { jsonSeq, jsonValues, ndjson } from "../../protocols.ts";
import { within } from "../support/limits.ts";

const options = within(30_000);

for (const [protocol, ...args] of [[jsonSeq, "--seq"], [ndjson]] as const) {
  test(`${protocol.name}() exchanges 10,000 values with jq`, options, async () => {
    const child = await spawn({
      command: "jq",
      args: [...args, "--compact-output", "."],
      ...protocol(),
    });
    const values: unknown[] = Array.from(
      { length: 10_000 },
      (_, index) => ({ index, text: "€\n" }),
    );
    values.push(1, -2.5, "", "\x1e", true, null, [], {}, [[{ a: ["}"] }]], "x".repeat(900_000));
    const sending = (async () => {
      for (const value of values) await child.send(value);
      await child.closeWrite();
    })();
    assert.deepEqual(await Array.fromAsync(child), values);
    await sending;
    assert.equal((await child.exited).code, 0);
    await child.close();
  });
}

test("jsonSeq() reports what jq has cut", options, async () => {
  // Without a line feed after them, numbers and literals may be cut.
  const args = ["--seq", "--join-output", "."];
  const invalid: unknown[] = [];
  const onInvalid = (error: unknown) => invalid.push(error);
  const child = await spawn({ command: "jq", args, ...jsonSeq(), onInvalid });
  for (const value of [{ a: 1 }, 2, [3], true, {}]) await child.send(value);
  await child.closeWrite();
  assert.deepEqual(await Array.fromAsync(child), [{ a: 1 }, [3], {}]);
  assert.equal(invalid.length, 2);
  assert.ok(invalid.every((error) => error instanceof CodecError));
  await child.close();
});

test("jsonValues() reads values of jq in many lines, and without any", options, async () => {
  for (const args of [["."], ["--join-output", "."], ["--tab", "."]]) {
    const child = await spawn({ command: "jq", args, ...jsonValues() });
    const values = Array.from({ length: 1000 }, (_, index) => ({ index, list: [[index], "€"] }));
    for (const value of values) await child.send(value);
    await child.closeWrite();
    assert.deepEqual(await Array.fromAsync(child), values);
    await child.close();
  }
});
