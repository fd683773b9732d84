import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { finish } from "../../scripts/npm/finish.ts";
import { inspect } from "../../scripts/npm/inspect.ts";
import { bounded } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const manifest = {
  name: "name",
  sideEffects: false,
  exports: { ".": { types: "./esm/mod.d.ts", default: "./esm/mod.js" } },
};

/** Writes a valid package, with `other` files added or replaced. */
async function writePackage(folder: string, other: Record<string, string> = {}): Promise<void> {
  const files = {
    "package.json": JSON.stringify(manifest),
    "README.md": "[licence](LICENSE)",
    "LICENSE": "",
    "mod.ts": "export const a = 1;",
    "esm/mod.js": "export const a = 1;",
    "esm/mod.d.ts": "export declare const a = 1;\n//# sourceMappingURL=mod.d.ts.map\n",
    "esm/mod.d.ts.map": '{"sourceRoot":"","sources":["../mod.ts"]}',
    ...other,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await writeFile(`${folder}/${path}`, text);
  }
}

/** The files that dnt 0.43 writes besides the modules. */
const leftovers = {
  "package.json": JSON.stringify({
    module: "./esm/mod.js",
    ...manifest,
    _generatedBy: "dnt@0.43.2",
  }),
  "esm/package.json": '{\n  "type": "module"\n}\n',
  ".npmignore": "/src/\nyarn.lock\npnpm-lock.yaml\n",
  "package-lock.json": "{}",
};

test("finish() makes the same package from the output of dnt and of tsc", bounded, async () => {
  const [dnt, tsc] = [temporaryFolder(), temporaryFolder()];
  await writePackage(dnt, leftovers);
  await writePackage(tsc, { "package.json": "{}" });
  for (const folder of [dnt, tsc]) {
    await finish(folder, manifest);
    assert.deepEqual(JSON.parse(await readFile(`${folder}/package.json`, "utf8")), manifest);
  }
  assert.deepEqual(
    (await readdir(dnt, { recursive: true })).sort(),
    (await readdir(tsc, { recursive: true })).sort(),
  );
});

test("inspect() reports nothing in a valid package", bounded, async () => {
  const folder = temporaryFolder();
  await writePackage(folder);
  assert.deepEqual(await inspect(folder), []);
});

for (
  const [what, files, problem] of [
    ["a package.json that hides the root's", leftovers, "esm/package.json hides package.json"],
    [
      "an export that does not exist",
      { "package.json": '{"exports":{"./a":{"node":"./a.js"}}}' },
      "./a: ./a.js, its node, does not exist",
    ],
    [
      "a declaration without a map",
      { "esm/mod.d.ts": "export declare const a = 1;\n" },
      "esm/mod.d.ts has no map",
    ],
    [
      "a declaration whose source does not exist",
      { "esm/mod.d.ts.map": '{"sources":["../src/mod.ts"]}' },
      "esm/mod.d.ts: its source src/mod.ts does not exist",
    ],
    [
      "a link of the README that leads nowhere",
      { "README.md": "[guide](docs/guide.md)" },
      "README.md: docs/guide.md does not exist",
    ],
  ] as const
) {
  test(`inspect() reports ${what}`, bounded, async () => {
    const folder = temporaryFolder();
    await writePackage(folder, files);
    assert.deepEqual(await inspect(folder), [problem]);
  });
}
