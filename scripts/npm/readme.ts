/**
 * Makes the README of the npm package from the README of the repository.
 *
 * @module
 */

/** What the README of a package has to say differently. */
export interface ReadmeOptions {
  /** Name that the text uses. */
  readonly from: string;
  /** Name of the package. */
  readonly to: string;
  /** Where links lead that have no target in the package, without a slash at the end. */
  readonly repository: string;
  /** Version of the package, which is a tag of the repository. */
  readonly version: string;
  /** Files in the package, relative to its root. */
  readonly files: readonly string[];
}

const BEGIN = "<!-- repository -->";
const END = "<!-- /repository -->";

/**
 * Returns the README of the package: the parts between `<!-- repository -->` and
 * `<!-- /repository -->` are left out, code imports the package by its own name (lines for a shell
 * stay as they are), and links to what the package does not contain lead to the repository.
 *
 * @throws {Error} The marks do not match, or a command remains that only the repository can run.
 */
export function packageReadme(text: string, options: ReadmeOptions): string {
  const readme = withoutRepository(text)
    .split(/(^```sh\n[^]*?^```$)/m)
    .map((part) => part.startsWith("```sh\n") ? part : linked(renamed(part, options), options))
    .join("");
  const command = /^.*\b(?:deno|npx\b.*) task\b.*$/m.exec(readme);
  if (command !== null) {
    throw new Error(
      `README.md: the package has no tasks, so put ${BEGIN} and ${END} around: ${command[0]}`,
    );
  }
  return readme;
}

function withoutRepository(text: string): string {
  const parts = text.split(new RegExp(`(${BEGIN}|${END})`));
  let readme = "";
  let outside = true;
  for (const part of parts) {
    if (part === BEGIN || part === END) {
      if (outside !== (part === BEGIN)) throw new Error(`README.md: ${part} has no counterpart`);
      outside = !outside;
    } else if (outside) readme += part;
  }
  if (!outside) throw new Error(`README.md: ${BEGIN} has no counterpart`);
  return readme.replaceAll(/\n{3,}/g, "\n\n");
}

/** `jsr:` stands before the name of another package. */
function renamed(text: string, { from, to }: ReadmeOptions): string {
  return text.split(/(jsr:\S+)/)
    .map((part) => part.startsWith("jsr:") ? part : part.replaceAll(from, to))
    .join("");
}

function linked(text: string, { repository, version, files }: ReadmeOptions): string {
  return text.replaceAll(
    /(!?)(\[[^\]]*\]\()(?![a-z]+:|#)(?:\.\/)?([^)#\s]+)/g,
    (link, image: string, label: string, path: string) => {
      if (files.includes(path)) return link;
      return `${image}${label}${repository}/${image ? "raw" : "blob"}/v${version}/${path}`;
    },
  );
}
