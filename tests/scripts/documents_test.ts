import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as protocols from "../../protocols.ts";

const root = decodeURIComponent(new URL("../..", import.meta.url).pathname);

/** Returns the paths of the Markdown documents of the root and of docs/, relative to the root. */
function documents(): string[] {
  const markdown = (folder: string) =>
    readdirSync(root + folder).filter((name) => name.endsWith(".md")).map((name) => folder + name);
  return [...markdown(""), ...markdown("docs/"), "tests/README.md"];
}

/** Returns the files of the repository that a document names or links to. */
function filesIn(document: string): string[] {
  const text = readFileSync(root + document, "utf8");
  const folder = document.slice(0, document.lastIndexOf("/") + 1);
  const named = text.matchAll(
    /`((?:src|tests|bench|examples|scripts|docs)\/[\w/.-]*\w\.\w+|(?:src|tests)\/[\w/]+\/)`/g,
  );
  const linked = text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g);
  return [
    ...[...named].map(([, path]) => path!).filter((path) => !path.includes("NAME")),
    ...[...linked].map(([, path]) => new URL(path!, `file:///${folder}`).pathname.slice(1)),
  ];
}

test("documents name and link to files that exist", () => {
  let count = 0;
  for (const document of documents()) {
    for (const file of filesIn(document)) {
      count++;
      assert.ok(existsSync(root + file), `${document}: ${file} does not exist`);
    }
  }
  assert.ok(count > 30, `${count} files`);
});

test("the tables of docs/protocols.md name every export, as protocol and as tested", () => {
  const rows = readFileSync(`${root}docs/protocols.md`, "utf8").split("\n")
    .filter((line) => line.startsWith("| "));
  // The title row of the second table divides the two.
  const tested = rows.findIndex((row) => /^\| protocols +\| peers/.test(row));
  for (const table of [rows.slice(0, tested), rows.slice(tested)]) {
    const missing = Object.keys(protocols).filter((name) => !table.join().includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  }
});
