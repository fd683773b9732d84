import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as exported from "../../protocols.ts";

/** The exports that return a protocol. */
const presets = Object.entries(exported).filter(([, value]) => {
  try {
    return "framer" in (value as () => object)();
  } catch {
    // A class, or a function that requires an argument.
    return false;
  }
}).map(([name]) => name);

/** The first argument of each call of `verifyProtocol` in the tests of protocols. */
const verified = readdirSync(new URL(".", import.meta.url)).flatMap((file) => {
  const source = readFileSync(new URL(file, import.meta.url), "utf8");
  return Array.from(
    source.matchAll(/\bverifyProtocol(?:<[^(]*>)?\(([^[]*)/g),
    ([, first]) => first!,
  );
});

test("verifyProtocol() verifies every protocol", () => {
  assert.ok(presets.length > 60, `${presets.length} protocols`);
  const missing = presets.filter((name) => {
    const call = new RegExp(`\\b${name}\\(`);
    return !verified.some((first) => call.test(first));
  });
  assert.deepEqual(missing, []);
});
