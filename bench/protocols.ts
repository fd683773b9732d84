/**
 * The ready-made protocols compared with the npm packages that people use, on the same bytes.
 *
 *     deno task bench:protocols                  # everything
 *     deno task bench:protocols resp,mqtt node@26
 *
 * @module
 */

import { works } from "./protocols/works.ts";
import { race } from "./support/race.ts";
import {
  digits,
  figureOf,
  percent,
  printTable,
  type Table,
  writeResults,
} from "./support/report.ts";
import { commandOf, installPackages, pathOf, runtimes } from "./support/runtimes.ts";

const [nameList, sideList] = Deno.args;
const sides = sideList?.split(",") ?? runtimes;
const file = pathOf("protocols/candidate.ts", import.meta.url);
await installPackages();

const head = ["", "package", ...sides.flatMap((side) => [side, "±", "package", "×"])];
const rows: string[][] = [];
for (const { name, what, rival, expected } of works) {
  if (nameList !== undefined && !nameList.split(",").includes(name)) continue;
  const cells: string[] = [];
  for (const side of sides) {
    const command = [...await commandOf(side), file, name];
    const candidates = ["own", rival].map((one) => ({ name: one, command: [...command, one] }));
    const times = await race(candidates, expected, { onSkip });
    const [own, other] = times.map((time) => figureOf(time, expected.frames));
    cells.push(digits(own!.median), percent(own!.spread));
    cells.push(
      ...other ? [digits(other.median), (other.median / own!.median).toFixed(2)] : ["–", ""],
    );
  }
  rows.push([`${name}: ${what}`, rival, ...cells]);
}
const title = "Ready-made protocols, ns per message; × is the package's time divided by ours";
const table: Table = { title, head, rows };
printTable(table);
if (Deno.args.length === 0) await writeResults("protocols", { tables: [table] });

/** Packages may fail to start; this library may not. */
function onSkip(candidate: string, reason: string): void {
  if (candidate === "own") throw new Error(reason);
  console.log(`\nskipped ${candidate}: ${reason}`);
}
