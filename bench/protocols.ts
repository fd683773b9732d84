/**
 * The ready-made protocols compared with the npm packages that people use, on the same bytes.
 *
 *     deno task bench:protocols                       # everything
 *     deno task bench:protocols "small sse" node@26   # names that begin with it
 *
 * @module
 */

import { type ProtocolWork, type Shape, shapes, works } from "./protocols/works.ts";
import { type Candidate, race } from "./support/race.ts";
import {
  digits,
  figureOf,
  percent,
  printTable,
  summarize,
  type Table,
  writeResults,
} from "./support/report.ts";
import { commandOf, installPackages, pathOf, runtimes } from "./support/runtimes.ts";

/** More rounds than usual, since many candidates are compared closely. */
const ROUNDS = 15;

const [start = "", sideList] = Deno.args;
const sides = sideList?.split(",") ?? runtimes;
const file = pathOf("protocols/candidate.ts", import.meta.url);
const head = ["", "package", ...sides.flatMap((side) => [side, "±", "package", "±", "×"])];
await installPackages();

const tables: Table[] = [];
for (const shape of shapes) {
  const rows: string[][] = [];
  for (const work of works) {
    if (work.name.startsWith(`${shape.name} `) && work.name.startsWith(start)) {
      rows.push(...await rowsOf(work, shape));
    }
  }
  const table = { title: `${shape.name}: ${shape.what}; ns per message`, head, rows };
  if (rows.length > 0) printTable(table);
  tables.push(table);
}
if (Deno.args.length === 0) await writeResults("protocols", { tables });

/** Returns a row for each package. */
async function rowsOf(work: ProtocolWork, shape: Shape): Promise<string[][]> {
  const { name, what, rivals, expected } = work;
  const rows = rivals.map((rival) => [`${name.slice(shape.name.length + 1)}: ${what}`, rival]);
  for (const side of sides) {
    const command = [...await commandOf(side), file, name];
    const candidates = ["own", ...rivals].map((one): Candidate => ({
      name: one,
      command: [...command, one],
    }));
    const times = await race(candidates, expected, { rounds: ROUNDS, onSkip });
    const own = times.find((time) => time.name === "own")!;
    const figure = figureOf(own, expected.frames);
    for (const row of rows) {
      row.push(digits(figure.median), percent(figure.spread));
      const rival = times.find((time) => time.name === row[1]);
      if (rival === undefined) row.push("–", "", "");
      else {
        const { median, spread } = figureOf(rival, expected.frames);
        // Other load changes between rounds, and affects all candidates in a round alike.
        const ratio = summarize(rival.rounds.map((time, round) =>
          time / own.rounds[round]!
        )).median;
        row.push(digits(median), percent(spread), ratio.toFixed(2));
      }
    }
  }
  return rows;
}

/** Packages may fail to start; this library may not. */
function onSkip(candidate: string, reason: string): void {
  if (candidate === "own") throw new Error(reason);
  console.log(`\nskipped ${candidate}: ${reason}`);
}
