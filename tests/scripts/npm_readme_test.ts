import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { packageReadme } from "../../scripts/npm/readme.ts";
import { bounded } from "../support/limits.ts";

const options = {
  from: "@scope/name",
  to: "name",
  repository: "https://example.com/name",
  version: "1.2.3",
  files: ["LICENSE"],
};

test("packageReadme() omits text that is marked for the repository", () => {
  const text =
    "one\n\n<!-- repository -->\n\ntwo\n\n<!-- /repository -->\n\nthree <!-- repository -->four<!-- /repository -->\n";
  assert.equal(packageReadme(text, options), "one\n\nthree \n");
});

test("packageReadme() refuses unbalanced marks", () => {
  for (
    const text of [
      "<!-- repository -->",
      "<!-- /repository -->",
      "<!-- repository --><!-- repository --><!-- /repository -->",
    ]
  ) {
    assert.throws(() => packageReadme(text, options), /has no counterpart/, text);
  }
});

test("packageReadme() refuses a command that runs only in the repository", () => {
  for (const text of ["`deno task bench`", "```sh\nnpx -y deno@2.9.6 task demo # all\n```\n"]) {
    assert.throws(() => packageReadme(text, options), /README.md: .*<!-- repository -->.* task /);
  }
});

test("packageReadme() renames the package in code and text, but not in shell lines", () => {
  const text =
    '```ts\nimport { a } from "@scope/name/testing";\n```\n\n`@scope/name`, jsr:@scope/name\n';
  assert.equal(
    packageReadme(text, options),
    '```ts\nimport { a } from "name/testing";\n```\n\n`name`, jsr:@scope/name\n',
  );
  const shell =
    '```sh\ndeno add jsr:@scope/name   # import … from "@scope/name"\nbun add name # import … from "name"\n```\n';
  assert.equal(packageReadme(shell, options), shell);
});

test("packageReadme() points links to the repository if their target is not in the package", () => {
  const text =
    "[a](LICENSE) [b](docs/b.md#part) ![c](./docs/c.svg) [d](#part) [e](https://example.com)";
  assert.equal(
    packageReadme(text, options),
    "[a](LICENSE) [b](https://example.com/name/blob/v1.2.3/docs/b.md#part) " +
      "![c](https://example.com/name/raw/v1.2.3/docs/c.svg) [d](#part) [e](https://example.com)",
  );
});

test("packageReadme() converts this repository's README", bounded, async () => {
  const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const readme = packageReadme(text, {
    ...options,
    from: "@framewright/framewright",
    to: "framewright",
  });
  const [before, install, after] = readme.split(/^(deno add [^]*?^```$)/m);
  assert.match(
    install!,
    /^deno add jsr:@framewright\/framewright +# .*"@framewright\/framewright"$/m,
  );
  assert.match(install!, /^bun add framewright +# .*"framewright"$/m);
  assert.doesNotMatch(before! + after, /@framewright\/framewright/);
  assert.match(after!, /from "framewright\/testing"/);
});
