/**
 * Tests protocols against real servers, one server at a time, on Deno, Bun and Node:
 *
 *     deno run -A scripts/test_live.ts
 *     deno run -A scripts/test_live.ts redis postgres
 *     deno run -A scripts/test_live.ts --runtimes=node@26 --seconds=540 redis
 *
 * `tests/live/NAME_test.ts` is the test of a server, as is `NAME_OTHER_test.ts` of another of its protocols, and
 * `tests/live/servers/NAME.sh PORT FOLDER` starts it. Servers without a script are started by their tests; those
 * that are npm packages run on Node by scripts of `tests/live/peers/`. Comments in scripts and tests list Debian
 * packages and their programs, which are installed if they are missing and this process may do so. Logs are written
 * to `.tmp/live/`.
 *
 * A server that cannot be installed or started is skipped, and so is each server whose turn comes after
 * `--seconds`.
 *
 * @module
 */

import { installed } from "./live_packages.ts";
import { startServer } from "./live_server.ts";
import { runLogged } from "./logged_process.ts";
import { command } from "./runtimes.ts";

const root = decodeURIComponent(new URL("..", import.meta.url).pathname);
const folder = `${root}.tmp/live`;

/** Timeout of the tests of one server on one runtime in milliseconds. */
const TIMEOUT = 180_000;

interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why it was skipped, or what failed. */
  readonly details: string;
}

function skip(reason: string): Result {
  return { passed: 0, failed: 0, skipped: 1, details: `skipped: ${reason}` };
}

/** Starts a server, and runs its tests on a runtime. */
async function test(name: string, files: readonly string[], runtime: string): Promise<Result> {
  const label = `${name}-${runtime}`;
  const server = await startServer(`${root}tests/live/servers/${name}.sh`, `${folder}/${label}`);
  if (typeof server === "string") return skip(server);
  try {
    const args = ["run", "-A", "scripts/test.ts", runtime, ...files];
    const { text, timedOut } = await runLogged(
      (options) =>
        new Deno.Command(Deno.execPath(), { ...options, args, cwd: root, env: server.env }).spawn(),
      { log: `${folder}/${label}.log`, timeout: TIMEOUT, onProgress: () => {} },
    );
    const sum = /^test: (\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(text);
    const [passed = 0, failed = 0, skipped = 0] = sum?.slice(1).map(Number) ?? [];
    if (failed === 0 && passed + skipped > 0) return { passed, failed, skipped, details: "" };
    const details = timedOut ? `timed out after ${TIMEOUT / 1000} s\n${text}` : text;
    const log = `${details.trimEnd()}\n-- end of the server's log\n${await server.log()}`;
    return { passed, failed: Math.max(failed, 1), skipped, details: `failed\n${indented(log)}` };
  } finally {
    await server.stop();
  }
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "   ");
}

/** Returns the names of the servers, and the test files of each. */
async function testFiles(): Promise<Map<string, string[]>> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${root}tests/live`)) {
    if (name.endsWith("_test.ts")) names.push(name.slice(0, -"_test.ts".length));
  }
  const files = new Map<string, string[]>();
  for (const name of names.sort()) {
    const path = `tests/live/${name}_test.ts`;
    const server = [...files.keys()].find((server) => name.startsWith(`${server}_`));
    if (server === undefined) files.set(name, [path]);
    else files.get(server)!.push(path);
  }
  return files;
}

/** Tells the tests where Node is. */
async function provideNode(): Promise<void> {
  const { success, stdout } = await command("node@26", ["-p", "process.execPath"]).output();
  if (success) Deno.env.set("LIVE_NODE", new TextDecoder().decode(stdout).trim());
}

const start = performance.now();
const options = new Map(
  Deno.args.filter((arg) => arg.startsWith("--")).map((arg) =>
    arg.slice(2).split("=") as [string, string]
  ),
);
const runtimes = (options.get("runtimes") ?? "deno,bun@1.4.5,node@26").split(",");
const seconds = Number(options.get("seconds") ?? Infinity);
const known = await testFiles();
const named = Deno.args.filter((arg) => !arg.startsWith("--"));
const unknown = named.filter((name) => !known.has(name));
if (unknown.length > 0) {
  console.error(`Unknown server ${unknown.join(", ")}: expected ${[...known.keys()].join(", ")}`);
  Deno.exit(2);
}
await Deno.mkdir(folder, { recursive: true });
await provideNode();
let [passed, failed, skipped] = [0, 0, 0];
for (const name of named.length > 0 ? named : known.keys()) {
  const files = known.get(name)!;
  const missing = await installed(
    [`tests/live/servers/${name}.sh`, ...files].map((path) => root + path),
  );
  for (const runtime of runtimes) {
    const begin = performance.now();
    const late = begin - start > seconds * 1000;
    const result = late
      ? skip(`${seconds} s have passed`)
      : missing !== undefined
      ? skip(missing)
      : await test(name, files, runtime);
    passed += result.passed;
    failed += result.failed;
    skipped += result.skipped;
    const columns = [
      name.padEnd(12),
      runtime.padEnd(9),
      `${result.passed} passed`,
      `${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s`,
      result.details,
    ];
    console.log(columns.join(" ").trimEnd());
  }
}
console.log(`live: ${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0) Deno.exit(1);
