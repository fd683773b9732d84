/**
 * Makes the pages of `docs/performance/` and their plots from the results in `.bench/`:
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

/** A page: its file, the text that it begins with, and its chapters by the names of their results. */
interface Page {
  readonly file: string;
  readonly text: string;
  readonly chapters: Readonly<Record<string, string>>;
}

const folder = new URL("../docs/performance/", import.meta.url);
const pages: readonly Page[] = [
  {
    file: "README.md",
    text: "page/page.md",
    chapters: {
      memory: "In memory, against loops written by hand",
      rivals: "In memory, against other libraries",
      tcp: "Over TCP, against bare sockets",
      growth: "Growth",
    },
  },
  {
    file: "protocols.md",
    text: "page/protocols.md",
    chapters: { protocols: "Ready-made protocols, against npm packages" },
  },
];
for (const page of pages) await write(page);

/** Writes a page, unless nothing of it has been measured. */
async function write({ file, text, chapters }: Page): Promise<void> {
  let page = await Deno.readTextFile(new URL(text, import.meta.url));
  let measured = false;
  for (const [name, title] of Object.entries(chapters)) {
    const results = await resultsOf(name);
    if (results === undefined) {
      console.log(`Without "${title}": no .bench/${name}.json`);
      continue;
    }
    measured = true;
    const { machine, summary, tables, plots = [] } = results;
    const caption = captionOf(machine);
    page = page.replace("<!-- summary -->", summary === undefined ? "$&" : markdownOf(summary));
    page += `\n## ${title}\n\n${caption}.\n`;
    for (const plot of plots) {
      const image = `${name}-${plot.name}.svg`;
      await Deno.writeTextFile(new URL(image, folder), await draw(plot, caption));
      page += `\n![${plot.title}](${image})\n`;
    }
    for (const table of tables) page += `\n${markdownOf(table)}`;
  }
  if (measured) await Deno.writeTextFile(new URL(file, folder), page);
}

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
