/**
 * Makes the page of the figures, `docs/performance/README.md`, of the results that the benches have left
 * there:
 *
 *     deno task bench:page
 *
 * @module
 */

import { millionTable, type TcpResult } from "./support/million.ts";
import type { Machine, Table } from "./support/report.ts";

interface Results {
  readonly machine: Machine;
  readonly tables: readonly Table[];
  readonly results?: readonly TcpResult[];
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
  if (name === "tcp") page += many(results.results ?? []);
}
await Deno.writeTextFile(new URL("README.md", folder), page);

/** How the figures of one process add up to those of many. */
function many(results: readonly TcpResult[]): string {
  const table = millionTable(results);
  if (table === undefined) return "";
  return `
### From one process to many

A process uses one core. More of them share a port by \`reusePort\`, each with a queue of its own, from
which the system gives it its part of the connections; so do the workers of one process, each with a
heap of its own and the code loaded once more. They share nothing, so what they do adds up: the last
tables above have the gain of a second one on two cores, where the clients take their part of them. It
takes a port to listen on, not one for each connection; \`ulimit -n\` files for each process; and the
memory that the system itself needs for sockets, which is not in this table:

${markdownOf(table)}`;
}

/** A table in Markdown, numbers to the right. */
function markdownOf({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const rule = head.map((_, column) => column === 0 ? "---" : "--:");
  return `**${title}**\n\n${line(head)}${line(rule)}${rows.map(line).join("")}`;
}
