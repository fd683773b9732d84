import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { findPhrases, readPhrases } from "../../scripts/check_words.ts";
import { bounded } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

test(
  "findPhrases() reports every phrase of phrases.txt with its file and line",
  bounded,
  async () => {
    const path = `${temporaryFolder()}/a.md`;
    const phrases = await readPhrases();
    await writeFile(
      path,
      phrases.map((phrase) => `Some ${phrase.toUpperCase()} words.\n`).join(""),
    );
    const found = await findPhrases([path], phrases);
    assert.ok(phrases.length > 0);
    for (const [index, phrase] of phrases.entries()) {
      assert.ok(found.includes(`${path}:${index + 1}: "${phrase}"`), phrase);
    }
  },
);

test("findPhrases() reports a phrase within a longer word", bounded, async () => {
  const path = `${temporaryFolder()}/a.ts`;
  await writeFile(path, "\n\nconst rephrased = 1;\n");
  assert.deepEqual(await findPhrases([path], ["phrase"]), [`${path}:3: "phrase"`]);
});

test("findPhrases() reports nothing in a clean file", bounded, async () => {
  const path = `${temporaryFolder()}/a.md`;
  await writeFile(path, "Returns the next message.\nPending calls reject.\n");
  assert.deepEqual(await findPhrases([path], await readPhrases()), []);
});
