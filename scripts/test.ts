/**
 * Runs the tests on one runtime after another, and prints a summary:
 *
 *     deno run -A scripts/test.ts deno,bun@1.4.5,node@22
 *     deno run -A scripts/test.ts node@26 tests/runtimes/faults_test.ts
 *     deno run -A scripts/test.ts node@24:runtimes,node@26
 *
 * A runtime with a folder runs only the tests of that folder.
 *
 * Logs are written to `.tmp/test/`. A runtime fails if a test fails, an error is not caught, a file has no
 * test, or the runner writes no report or exits with a code other than 0.
 *
 * @module
 */

import { measureSlowness, SLOWNESS } from "../tests/support/slowness.ts";
import { runLogged } from "./logged_process.ts";
import { command } from "./runtimes.ts";
import {
  countFinished,
  excerptOf,
  parseReport,
  parseUncaught,
  type TestResult,
  withoutTests,
} from "./test_report.ts";

const root = decodeURIComponent(new URL("..", import.meta.url).pathname);
const folder = `${root}.tmp/test`;

/** Maximum number of test files that run in parallel. */
const JOBS = 3;

/** Timeout of a runtime in milliseconds, on an idle machine: a multiple of the usual duration. */
const TIMEOUT = 600_000;

/** Maximum number of lines printed for each failure. */
const MAX_LINES = 40;

interface Summary {
  readonly runtime: string;
  readonly passed: number;
  readonly skipped: readonly TestResult[];
  readonly failures: readonly TestResult[];
  readonly seconds: number;
}

/** Returns a function that starts the test runner of a runtime, which writes a report. */
function runner(
  runtime: string,
  files: readonly string[],
  report: string,
  slowness: number,
): (options: Deno.CommandOptions) => Deno.ChildProcess {
  const env = {
    NO_COLOR: "1",
    DENO_JOBS: `${JOBS}`,
    DENO_NO_UPDATE_CHECK: "1",
    // Node starts a process for each file. Half of its start is compiling, which Node 26 can cache (470 ms to 220).
    NODE_COMPILE_CACHE: `${folder}/compiled`,
    [SLOWNESS]: `${slowness}`,
  };
  const args = {
    deno: ["test", "-A", "--parallel", "--preload=scripts/uncaught.ts", `--junit-path=${report}`],
    bun: [
      "test",
      // Applies to tests without a timeout.
      `--timeout=${Math.ceil(30_000 * slowness)}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
    ],
    node: [
      "--test",
      `--test-concurrency=${JOBS}`,
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      "--test-reporter=junit",
      `--test-reporter-destination=${report}`,
    ],
  }[runtime.split("@")[0] as "deno" | "bun" | "node"];
  // Bun treats a path without "./" as a filter on file names.
  const paths = files.map((file) => `./${file}`);
  return (options) => {
    const all = { ...options, cwd: root, env };
    return runtime === "deno"
      ? new Deno.Command(Deno.execPath(), { ...all, args: [...args, ...paths] }).spawn()
      : command(runtime, [...args, ...paths], all).spawn();
  };
}

async function run(runtime: string, files: readonly string[]): Promise<Summary> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const slowness = measureSlowness();
  console.log(`== ${runtime}, ${files.length} files, limits multiplied by ${slowness}`);
  // Bun runs one file after another, so its files are divided among several runners.
  const count = runtime.startsWith("bun") ? Math.min(JOBS, files.length) : 1;
  const finished = new Array(count).fill(0);
  const results = await Promise.all(
    finished.map((_, index) =>
      runShare(runtime, files.filter((_, at) => at % count === index), {
        name: count === 1 ? runtime : `${runtime}-${index + 1}`,
        slowness,
        onProgress: (tests) => {
          finished[index] = tests;
          if (index > 0) return;
          const total = finished.reduce((sum, tests) => sum + tests, 0);
          console.log(`   ${total} tests in ${seconds().toFixed(0)} s`);
        },
      })
    ),
  );
  const all = results.flat();
  return {
    runtime,
    passed: all.filter(({ file, name, outcome }) => outcome === "passed" && name !== file).length,
    skipped: all.filter(({ outcome }) => outcome === "skipped"),
    failures: all.filter(({ outcome }) => outcome === "failed"),
    seconds: seconds(),
  };
}

/** Runs files with one test runner. Returns the results, and prints the failures. */
async function runShare(
  runtime: string,
  files: readonly string[],
  { name, slowness, onProgress }: {
    readonly name: string;
    readonly slowness: number;
    readonly onProgress: (tests: number) => void;
  },
): Promise<TestResult[]> {
  const timeout = TIMEOUT * slowness;
  const [report, log] = [`${folder}/${name}.xml`, `${folder}/${name}.log`];
  const { text, code, timedOut } = await runLogged(runner(runtime, files, report, slowness), {
    log,
    timeout,
    onProgress: (text) => onProgress(countFinished(text)),
  });
  const xml = await Deno.readTextFile(report).catch(() => "");
  const results = parseReport(xml, root, text);
  const failures = [
    ...results.filter(({ outcome }) => outcome === "failed"),
    ...parseUncaught(text, root),
    ...xml === "" ? [] : withoutTests(results, files, text),
  ];
  const fault = timedOut
    ? `timed out after ${Math.round(timeout / 1000)} s`
    : xml === ""
    ? `no report: the runner exited with code ${code}`
    : results.length === 0
    ? "no tests ran"
    : code !== 0 && failures.length === 0
    ? `the runner exited with code ${code}`
    : undefined;
  if (fault !== undefined) {
    const details = text.trimEnd().split("\n").slice(-MAX_LINES).join("\n");
    failures.push({ file: log.slice(root.length), name: `(${fault})`, outcome: "failed", details });
  }
  for (const { file, name, details } of failures) {
    console.log(`\nnot ok ${file}: ${name}\n${excerptOf(details, MAX_LINES)}`);
  }
  return [...results.filter(({ outcome }) => outcome !== "failed"), ...failures];
}

async function* testFiles(path: string): AsyncGenerator<string> {
  if (!(await Deno.stat(root + path)).isDirectory) return yield path;
  for await (const { name, isDirectory } of Deno.readDir(root + path)) {
    const child = `${path}/${name}`;
    // Live tests need programs from a registry, and run only if they are named.
    if (child === "tests/live") continue;
    if (isDirectory || name.endsWith("_test.ts")) yield* testFiles(child);
  }
}

const [runtimes = "deno", ...paths] = Deno.args;
await Deno.remove(folder, { recursive: true }).catch(() => {});
await Deno.mkdir(folder, { recursive: true });
const files: string[] = [];
for (const path of paths.length > 0 ? paths : ["tests"]) {
  files.push(...await Array.fromAsync(testFiles(path.replace(/^\.\/|\/$/g, ""))));
}
files.sort();
const summaries: Summary[] = [];
for (const one of runtimes.split(",")) {
  const [runtime, folder] = one.split(":");
  const some = files.filter((file) => file.startsWith(folder ? `tests/${folder}/` : ""));
  summaries.push(await run(runtime!, some));
}

console.log("");
let [passed, failed, skipped] = [0, 0, 0];
for (const { runtime, failures, seconds, ...counts } of summaries) {
  passed += counts.passed;
  failed += failures.length;
  skipped += counts.skipped.length;
  const columns = [
    runtime.padEnd(10),
    `${counts.passed}`.padStart(5),
    "passed",
    `${failures.length}`.padStart(3),
    "failed",
    `${counts.skipped.length}`.padStart(3),
    "skipped",
    seconds.toFixed(1).padStart(7),
    "s",
  ];
  console.log(columns.join(" "));
}
const skips = new Map<string, Set<string>>();
for (const { name } of summaries.flatMap(({ skipped }) => skipped)) {
  const reason = /\(skipped: (.*)\)$/.exec(name)?.[1] ?? `no reason given: ${name}`;
  skips.set(reason, (skips.get(reason) ?? new Set()).add(name));
}
for (const [reason, names] of skips) console.log(`skipped ${names.size}: ${reason}`);
for (const { runtime, failures } of summaries) {
  for (const { file, name } of failures) console.log(`failed on ${runtime}: ${file}: ${name}`);
}
console.log(`test: ${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || passed === 0) Deno.exit(1);
