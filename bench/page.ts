/**
 * Makes the page of the figures, `docs/performance/README.md`, of the results that the benches have left
 * there:
 *
 *     deno task bench:page
 *
 * @module
 */

import type { Machine, Table } from "./support/report.ts";

interface Results {
  readonly machine: Machine;
  readonly tables: readonly Table[];
}

const folder = new URL("../docs/performance/", import.meta.url);
const chapters: Readonly<Record<string, string>> = {
  memory: "In memory, against loops written by hand",
  rivals: "In memory, against other libraries",
  tcp: "Over TCP, against bare sockets",
  growth: "Growth",
};

let page = await Deno.readTextFile(new URL("../bench/page.md", import.meta.url));
for (const [name, title] of Object.entries(chapters)) {
  const results: Results | undefined = await Deno.readTextFile(new URL(`${name}.json`, folder))
    .then(JSON.parse, () => undefined);
  if (results === undefined) continue;
  const { date, processor, cores, runtimes } = results.machine;
  page += `\n## ${title}\n\n`;
  page += `${date}, ${runtimes.join(", ")}, ${cores} cores of ${processor}.\n`;
  for await (const { name: file } of Deno.readDir(folder)) {
    if (file.startsWith(`${name}-`) && file.endsWith(".svg")) page += `\n![${title}](${file})\n`;
  }
  for (const table of results.tables) page += `\n${markdownOf(table)}`;
}
await Deno.writeTextFile(new URL("README.md", folder), page);

/** A table in Markdown, numbers to the right. */
function markdownOf({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const rule = head.map((_, column) => column === 0 ? "---" : "--:");
  return `**${title}**\n\n${line(head)}${line(rule)}${rows.map(line).join("")}`;
}
