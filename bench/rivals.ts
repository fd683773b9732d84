/**
 * What framing costs in memory, one thread: this library against others, in JavaScript on each runtime
 * and in other languages.
 *
 *     deno task bench:rivals                      # all of it
 *     deno task bench:rivals W1,W4s node@26       # a part
 *     deno task bench:rivals W1 node@26,native
 *
 * @module
 */

import { javaScript } from "./rivals/contestant.ts";
import { nativeContestants } from "./rivals/native.ts";
import { javaScriptTable, type Named, nativeTable } from "./rivals/tables.ts";
import { own } from "./rivals/own.ts";
import { stream, streamNames } from "./rivals/streams.ts";
import { type Contestant, race } from "./support/race.ts";
import { figureOf, machine, printTable, type Table, writeJson } from "./support/report.ts";
import { commandOf, installPackages, runtimes } from "./support/runtimes.ts";

const [streamList, sideList] = Deno.args;
const sides = sideList?.split(",") ?? [...runtimes, "native"];
const tables: Table[] = [];
const leftOut: Record<string, string>[] = [];
await installPackages();

for (const name of streamList?.split(",") ?? streamNames) {
  const work = stream(name);
  const entries: (Contestant & { readonly side: string })[] = [];
  const leaveOut = (who: string, reason: string) => {
    if (own.some(({ name }) => who.endsWith(` ${name}`))) throw new Error(`${who}: ${reason}`);
    console.log(`\n${name}: ${who} is left out: ${reason}`);
    leftOut.push({ stream: name, who, reason });
  };
  for (const runtime of runtimes.filter((runtime) => sides.includes(runtime))) {
    for (const { name: who } of javaScript.filter(({ streams }) => streams.includes(name))) {
      const file = decodeURIComponent(new URL("rivals/contestant.ts", import.meta.url).pathname);
      const command = [...await commandOf(runtime), file, name, who];
      entries.push({ name: `${runtime} ${who}`, command, side: runtime });
    }
  }
  if (sides.includes("native")) {
    const contestants = await nativeContestants(work, leaveOut);
    entries.push(...contestants.map((contestant) => ({ ...contestant, side: "native" })));
  }
  // Enough in each turn for the median to be none of the first ones, which find their memory cold.
  // What takes seconds once is seen well enough in fewer rounds.
  const rounds = name.startsWith("W8") ? 3 : 5;
  const options = { rounds, milliseconds: 60, warmUp: 200, leftOut: leaveOut };
  const times = await race(entries, work.expected, options);
  const figures = times.map((time): Named => {
    const { side } = entries.find(({ name }) => name === time.name)!;
    const { name, ...figure } = figureOf(time, work.expected.frames);
    return { ...figure, side, name: side === "native" ? name : name.slice(side.length + 1) };
  });
  const made = [javaScriptTable(work, figures), nativeTable(work, figures)];
  for (const table of made.filter(({ rows }) => rows.length > 0)) {
    printTable(table);
    tables.push(table);
  }
}
if (Deno.args.length === 0) {
  const file = await Deno.readTextFile(new URL("packages/package.json", import.meta.url));
  const { devDependencies: packages } = JSON.parse(file);
  await writeJson("rivals", { machine: await machine(), packages, tables, leftOut });
}
