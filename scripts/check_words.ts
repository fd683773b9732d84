/**
 * Checks the wording of all TypeScript and Markdown files: none may contain a phrase of `phrases.txt`, and
 * cspell must know every word, from its own dictionaries or from `words.txt`.
 *
 *     deno task check:words
 *
 * @module
 */

import { readFile } from "node:fs/promises";

const CSPELL = "npm:cspell@10.4.1";

/** Files to check. `--no-index` includes new files, and works outside a repository too. */
const LIST = ["grep", "--no-index", "--exclude-standard", "--files-with-matches", "-e", ""];
const PATHS = ["--", "*.ts", "*.md", ":!docs/performance"];

/**
 * Finds phrases in files, regardless of case.
 *
 * @param phrases Phrases in lower case.
 * @returns One line for each occurrence, with path, line number and phrase.
 */
export async function findPhrases(
  paths: readonly string[],
  phrases: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const lines = (await readFile(path, "utf8")).toLowerCase().split("\n");
    for (const [index, line] of lines.entries()) {
      for (const phrase of phrases.filter((phrase) => line.includes(phrase))) {
        found.push(`${path}:${index + 1}: "${phrase}"`);
      }
    }
  }
  return found;
}

/** Returns the phrases of `phrases.txt`. */
export async function readPhrases(): Promise<string[]> {
  const text = await readFile(new URL("phrases.txt", import.meta.url), "utf8");
  return text.split("\n").filter((line) => line !== "");
}

async function listFiles(): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: [...LIST, ...PATHS] })
    .output();
  if (!success) throw new Error(`Cannot list files: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim().split("\n");
}

/** Runs cspell in a folder with its own package.json: `deno x` fails below a deno.json. */
async function checkSpelling(paths: readonly string[]): Promise<boolean> {
  const root = Deno.cwd();
  const cwd = `${root}/.tmp/words`;
  await Deno.mkdir(cwd, { recursive: true });
  await Deno.writeTextFile(`${cwd}/package.json`, "{}\n");
  const options = ["--dot", "--no-progress", "--show-suggestions", `--root=${root}`];
  const files = [`--config=${root}/cspell.json`, "--file-list=stdin"];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["x", "-y", CSPELL, "lint", ...options, ...files],
    cwd,
    stdin: "piped",
  }).spawn();
  const list = paths.map((path) => `${root}/${path}\n`).join("");
  await new Blob([list]).stream().pipeTo(process.stdin);
  return (await process.status).success;
}

if (import.meta.main) {
  Deno.chdir(decodeURIComponent(new URL("..", import.meta.url).pathname));
  const files = await listFiles();
  const found = await findPhrases(files, await readPhrases());
  for (const line of found) console.error(`${line} is in scripts/phrases.txt`);
  console.log(`${files.length} files, ${found.length} phrases to be reworded`);
  if (!await checkSpelling(files) || found.length > 0) Deno.exit(1);
}
