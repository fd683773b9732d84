/**
 * Makes `docs/performance/README.md` and its plots from the results in `.bench/`:
 *
 *     deno task bench:page
 *
 * @module
 */

import { draw, type Plot } from "./page/plot.ts";
import { type Machine, resultsFolder, type Table } from "./support/report.ts";

interface Results {
  readonly machine: Machine;
  readonly summary?: Table;
  readonly tables: readonly Table[];
  readonly plots?: readonly Plot[];
}

const folder = new URL("../docs/performance/", import.meta.url);
const chapters: Readonly<Record<string, string>> = {
  memory: "In memory, against loops written by hand",
  rivals: "In memory, against other libraries",
  tcp: "Over TCP, against bare sockets",
  growth: "Growth",
};

let page = await Deno.readTextFile(new URL("page/page.md", import.meta.url));
for (const [name, title] of Object.entries(chapters)) {
  const results = await resultsOf(name);
  if (results === undefined) {
    console.log(`Without "${title}": no .bench/${name}.json`);
    continue;
  }
  const { machine, summary, tables, plots = [] } = results;
  const caption = captionOf(machine);
  page = page.replace("<!-- summary -->", summary === undefined ? "$&" : markdownOf(summary));
  page += `\n## ${title}\n\n${caption}.\n`;
  for (const plot of plots) {
    const file = `${name}-${plot.name}.svg`;
    await Deno.writeTextFile(new URL(file, folder), await draw(plot, caption));
    page += `\n![${plot.title}](${file})\n`;
  }
  for (const table of tables) page += `\n${markdownOf(table)}`;
}
await Deno.writeTextFile(new URL("README.md", folder), page);

async function resultsOf(name: string): Promise<Results | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, resultsFolder)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function captionOf({ date, processor, cores, runtimes }: Machine): string {
  return `${date}, ${runtimes.join(", ")}, ${cores} cores of ${processor}`;
}

/** Formats a table as Markdown, numbers aligned to the right. */
function markdownOf({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const rule = head.map((_, column) => column === 0 ? "---" : "--:");
  return `**${title}**\n\n${line(head)}${line(rule)}${rows.map(line).join("")}`;
}
