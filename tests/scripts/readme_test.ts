import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = decodeURIComponent(new URL("..", import.meta.url).pathname);

/** Returns the lines of all test files. */
function testLines(): string[] {
  return readdirSync(folder, { recursive: true }).map(String)
    .filter((file) => file.endsWith("_test.ts"))
    .flatMap((file) => readFileSync(`${folder}${file}`, "utf8").split("\n"));
}

/** Returns the test names in the last column of the tables, without the remarks on them. */
function namesIn(readme: string): string[] {
  const cells = readme.split("\n").filter((line) => line.startsWith("| ")).slice(1)
    .map((line) => line.split("|").at(-2)!.trim());
  return cells.flatMap((cell) => cell.split(/; (?=`|[A-Za-z…]+[ .(])/))
    .map((name) =>
      name.replace(/^`[^`]*`: /, "").replace(/ \((?:\w+ tests|\w+ framings|each .*)\)$/, "")
    )
    .filter((name) => !/^(?:|-+|test|`tests\/web\/` on workerd)$/.test(name));
}

test("tests/README.md names tests that exist", () => {
  const names = namesIn(readFileSync(`${folder}README.md`, "utf8"));
  assert.ok(names.length > 70, `${names.length} names`);
  const lines = testLines();
  const missing = names.filter((name) => {
    const parts = name.split("…").map((part) => part.trim());
    return !lines.some((line) => parts.every((part) => line.includes(part)));
  });
  assert.deepEqual(missing, []);
});
