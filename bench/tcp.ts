/**
 * What framing costs on real sockets, on each runtime: a `Connection` against the same program written
 * by hand for that runtime alone. Server and client are two processes on loopback.
 *
 *     deno task bench:tcp                         # all of it
 *     deno task bench:tcp pingPong,bulk node@26   # a part
 *
 * @module
 */

import { digits, machine, printTable, type Table, writeJson } from "./support/report.ts";
import { runtimes } from "./support/runtimes.ts";
import { type Case, cases } from "./tcp/cases.ts";
import { contest, type ContestOptions, type Outcome } from "./tcp/contest.ts";
import { pinned } from "./tcp/pair.ts";
import { framed, peer, raw } from "./tcp/programs.ts";
import { scaling, scalingTable } from "./tcp/scaling.ts";

const [caseList, runtimeList] = Deno.args;
const names = caseList?.split(",") ?? [...Object.keys(cases), "scaling"];
const chosen = runtimeList?.split(",") ?? runtimes;
/** Round trips are few in a second, and the compilers of the runtimes want thousands of them first. */
const usual: ContestOptions = { rounds: 7, milliseconds: 250, warmUp: 1500 };
/** A few thousand connections need longer for each to have its turn. */
const long: ContestOptions = { rounds: 5, milliseconds: 1000, warmUp: 1000 };
/** Sockets besides those of the connections: files, pipes, the runtime's own. */
const OTHER_FILES = 200;

const built = await peer();
if ("missing" in built) console.log(`without the program in C: ${built.missing}`);
if (!pinned) console.log("processes are not kept on cores: there is no taskset, or one core");
const files = await mostFiles();
const results = [];
const tables: Table[] = [];
for (const name of names) {
  const columns: Record<string, readonly object[]> = {};
  const subject = cases[name];
  if (subject !== undefined && subject.connections + OTHER_FILES > files) {
    console.log(`\nwithout ${subject.title}: a process may open ${files} files`);
    continue;
  }
  for (const runtime of chosen) {
    const programs = {
      raw: await raw(runtime),
      framed: await framed(runtime),
      peer: "missing" in built ? undefined : built,
    };
    let table: Table;
    if (subject === undefined) {
      const outcomes = await scaling(programs);
      columns[runtime] = outcomes;
      table = scalingTable(runtime, outcomes);
    } else {
      const options = subject.connections > 1 ? long : usual;
      const outcomes = await contest(subject, programs, options);
      columns[runtime] = outcomes;
      table = tableOf(runtime, subject, outcomes);
    }
    printTable(table);
    tables.push(table);
  }
  results.push({ case: name, ...subject, outcomes: columns });
}
if (Deno.args.length === 0) {
  await writeJson("tcp", { machine: await machine(), pinned, tables, results });
}

/** A row an entry. The ratios are to the first one, round by round. */
function tableOf(runtime: string, subject: Case, outcomes: readonly Outcome[]): Table {
  const { title, unit, connections } = subject;
  const alone = connections === 1 && subject.client === "pingPong";
  const crowded = connections > 1;
  const head = ["", unit, "±", "×", "server ns", "client ns", "processor ×"];
  const more = [
    ...alone ? ["p50 µs"] : [],
    ...crowded ? ["MiB", "×", "KiB a connection"] : [],
  ];
  const first = outcomes[0]!.memory.most;
  return {
    title: `${runtime}: ${title}`,
    head: [...head, ...more],
    rows: outcomes.map((
      { name, median, spread, ratio, processor, processorRatio, p50, memory },
    ) => [
      name,
      digits(median),
      `${Math.round(spread * 100)}%`,
      ratio.toFixed(2),
      digits(processor.server),
      digits(processor.client),
      processorRatio.toFixed(2),
      ...alone ? [digits(p50!)] : [],
      ...crowded
        ? [
          digits(memory.most),
          (memory.most / first).toFixed(2),
          digits((memory.most - memory.before) * 1024 / connections),
        ]
        : [],
    ]),
  };
}

/** How many files a process may open. */
async function mostFiles(): Promise<number> {
  try {
    const limits = await Deno.readTextFile("/proc/self/limits");
    return Number(/Max open files\s+(\d+)/.exec(limits)?.[1] ?? Infinity);
  } catch {
    return 256;
  }
}
