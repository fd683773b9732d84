/**
 * The cost of framing in memory, in one thread: this library against others, in JavaScript on each
 * runtime and in other languages.
 *
 *     deno task bench:rivals                      # everything
 *     deno task bench:rivals W1,W4s node@26       # a part
 *     deno task bench:rivals W1 node@26,native
 *
 * @module
 */

import { implementations } from "./rivals/candidate.ts";
import { nativeCandidates } from "./rivals/native.ts";
import { own } from "./rivals/own.ts";
import { stream, streamNames } from "./rivals/streams.ts";
import { javaScriptTable, nativeTable, type SideFigure } from "./rivals/tables.ts";
import { type Candidate, race } from "./support/race.ts";
import { figureOf, printTable, type Table, writeResults } from "./support/report.ts";
import { commandOf, installPackages, pathOf, runtimes } from "./support/runtimes.ts";

const [streamList, sideList] = Deno.args;
const sides = sideList?.split(",") ?? [...runtimes, "native"];
const tables: Table[] = [];
const file = pathOf("rivals/candidate.ts", import.meta.url);
await installPackages();

for (const name of streamList?.split(",") ?? streamNames) {
  const work = stream(name);
  const candidates: (Candidate & { readonly side: string })[] = [];
  for (const side of runtimes.filter((runtime) => sides.includes(runtime))) {
    const command = [...await commandOf(side), file, name];
    for (
      const { name: implementation } of implementations.filter((i) => i.streams.includes(name))
    ) {
      const candidate = { name: `${side} ${implementation}`, side };
      candidates.push({ ...candidate, command: [...command, implementation] });
    }
  }
  if (sides.includes("native")) {
    const native = await nativeCandidates(work, onSkip);
    candidates.push(...native.map((candidate) => ({ ...candidate, side: "native" })));
  }
  // Enough time per round that first runs, which allocate memory, are not the median. What takes
  // seconds is precise enough in fewer rounds.
  const rounds = name.startsWith("W8") ? 3 : 5;
  const options = { rounds, milliseconds: 60, warmUp: 200, onSkip };
  const times = await race(candidates, work.expected, options);
  const figures = times.map((time): SideFigure => {
    const { side } = candidates.find(({ name }) => name === time.name)!;
    const figure = figureOf(time, work.expected.frames);
    return { ...figure, side, name: figure.name.replace(`${side} `, "") };
  });
  for (const table of [javaScriptTable(work, figures), nativeTable(work, figures)]) {
    if (table.rows.length === 0) continue;
    printTable(table);
    tables.push(table);
  }
}
if (Deno.args.length === 0) await writeResults("rivals", { tables });

/** Other libraries may fail to start; this one may not. */
function onSkip(candidate: string, reason: string): void {
  if (own.some(({ name }) => candidate.endsWith(` ${name}`))) {
    throw new Error(`${candidate}: ${reason}`);
  }
  console.log(`\nskipped ${candidate}: ${reason}`);
}
