/**
 * The cost of framing on real sockets, on each runtime: a `Connection` against the same program written
 * by hand for that runtime. Server and client are two processes on loopback.
 *
 *     deno task bench:tcp                         # everything
 *     deno task bench:tcp pingPong,bulk node@26   # a part
 *
 * @module
 */

import { digits, percent, printTable, type Table, writeResults } from "./support/report.ts";
import { runtimes } from "./support/runtimes.ts";
import { type Case, cases } from "./tcp/cases.ts";
import { measure, type MeasureOptions, type Outcome } from "./tcp/measure.ts";
import { pinned } from "./tcp/pair.ts";
import { framed, peer, raw } from "./tcp/programs.ts";

const [caseList, runtimeList] = Deno.args;
/** Compilers need thousands of round trips, and there are few in a second. */
const usual: MeasureOptions = { rounds: 7, milliseconds: 250, warmUp: 1500 };
/** Thousands of connections need more time for each to have its turn. */
const long: MeasureOptions = { rounds: 5, milliseconds: 1000, warmUp: 1000 };
/** Files that a process opens besides its connections. */
const OTHER_FILES = 200;

const inC = await peer();
if (inC === undefined) console.log("without the program in C: cannot compile it");
if (!pinned) console.log("processes are not pinned to cores: no taskset, or only one core");
const maxFiles = await fileLimit();
const tables: Table[] = [];
for (const name of caseList?.split(",") ?? Object.keys(cases)) {
  const subject = cases[name]!;
  if (subject.connections + OTHER_FILES > maxFiles) {
    console.log(`\nskipped ${subject.title}: a process may open ${maxFiles} files`);
    continue;
  }
  for (const runtime of runtimeList?.split(",") ?? runtimes) {
    const programs = { raw: await raw(runtime), framed: await framed(runtime), peer: inC };
    const options = subject.connections > 1 ? long : usual;
    const table = tableOf(runtime, subject, await measure(subject, programs, options));
    printTable(table);
    tables.push(table);
  }
}
if (Deno.args.length === 0) await writeResults("tcp", { pinned, tables });

/** Makes a table with a row per entry. Ratios are to the first entry, by round. */
function tableOf(runtime: string, subject: Case, outcomes: readonly Outcome[]): Table {
  const { title, unit, connections, client } = subject;
  const hasP50 = connections === 1 && client === "pingPong";
  const hasMemory = connections > 1;
  const first = outcomes[0]!.memory.most;
  return {
    title: `${runtime}: ${title}`,
    head: [
      ...["", unit, "±", "×", "server ns", "client ns", "processor ×"],
      ...hasP50 ? ["p50 µs"] : [],
      ...hasMemory ? ["MiB", "×", "KiB per connection"] : [],
    ],
    rows: outcomes.map((
      { name, median, spread, ratio, processor, processorRatio, p50, memory },
    ) => [
      name,
      digits(median),
      percent(spread),
      ratio.toFixed(2),
      digits(processor.server),
      digits(processor.client),
      processorRatio.toFixed(2),
      ...hasP50 ? [digits(p50)] : [],
      ...hasMemory
        ? [
          digits(memory.most),
          (memory.most / first).toFixed(2),
          digits((memory.most - memory.before) * 1024 / connections),
        ]
        : [],
    ]),
  };
}

/** Returns how many files a process may open. */
async function fileLimit(): Promise<number> {
  try {
    const limits = await Deno.readTextFile("/proc/self/limits");
    return Number(/Max open files\s+(\d+)/.exec(limits)?.[1] ?? Infinity);
  } catch {
    return 256;
  }
}
