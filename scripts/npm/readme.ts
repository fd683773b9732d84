/**
 * Derives the README of the npm package from that of the repository.
 *
 * @module
 */

/** Options of {@link packageReadme}. */
export interface ReadmeOptions {
  /** Name of the package in the text. */
  readonly from: string;
  /** Name that replaces it. */
  readonly to: string;
  /** URL of the repository, for links to files outside the package, without a slash at the end. */
  readonly repository: string;
  /** Version of the package, and tag of the repository without its `v`. */
  readonly version: string;
  /** Files in the package, relative to its root. */
  readonly files: readonly string[];
}

const BEGIN = "<!-- repository -->";
const END = "<!-- /repository -->";

/**
 * Returns the README of the package: parts between `<!-- repository -->` and `<!-- /repository -->` are
 * removed, the package is renamed except in shell commands, and links to files outside the package lead
 * to the repository.
 *
 * @throws {Error} The markers do not match, or a task of the repository remains.
 */
export function packageReadme(text: string, options: ReadmeOptions): string {
  const readme = removeRepositoryParts(text)
    .split(/(^```sh\n[^]*?^```$)/m)
    .map((part) =>
      part.startsWith("```sh\n") ? part : resolveLinks(renamePackage(part, options), options)
    )
    .join("");
  const command = /^.*\b(?:deno|npx\b.*) task\b.*$/m.exec(readme);
  if (command !== null) {
    throw new Error(
      `README.md: the package has no tasks: put ${BEGIN} and ${END} around ${command[0]}`,
    );
  }
  return readme;
}

function removeRepositoryParts(text: string): string {
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

/** Replaces the name of the package, except after `jsr:`. */
function renamePackage(text: string, { from, to }: ReadmeOptions): string {
  return text.split(/(jsr:\S+)/)
    .map((part) => part.startsWith("jsr:") ? part : part.replaceAll(from, to))
    .join("");
}

function resolveLinks(text: string, { repository, version, files }: ReadmeOptions): string {
  return text.replaceAll(
    /(!?)(\[[^\]]*\]\()(?![a-z]+:|#)(?:\.\/)?([^)#\s]+)/g,
    (link, image: string, label: string, path: string) => {
      if (files.includes(path)) return link;
      return `${image}${label}${repository}/${image ? "raw" : "blob"}/v${version}/${path}`;
    },
  );
}
