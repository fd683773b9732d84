/**
 * Thousands of connections that open, exchange messages and close, with every message checked on both
 * ends. Prints the memory per connection, and its growth over time.
 *
 *     deno task bench:soak --runtime=node@26 --connections=10000 --seconds=60
 *
 * @module
 */

import { LineProcess } from "../tests/support/line_process.ts";
import type { Report } from "./soak/peer.ts";
import { printTable } from "./support/report.ts";
import { commandOf, pathOf } from "./support/runtimes.ts";

const options = Object.fromEntries(Deno.args.map((argument) => argument.slice(2).split("=")));
const { runtime = "deno", connections = "10000", seconds = "60" } = options;
const MIB = 1_048_576;

const command = [...await commandOf(runtime), pathOf("soak/peer.ts", import.meta.url)];
const server = new LineProcess([...command, "server"]);
const addresses = await server.next();
const client = new LineProcess([
  ...command,
  "client",
  JSON.stringify(addresses),
  connections,
  seconds,
]);
console.log(`${runtime}: ${await client.next()} connections are open`);
const from = Date.now();
const sides: Readonly<Record<string, readonly Report[]>> = {
  client: await client.ended.then(reportsOf),
  server: (server.end(), await server.ended.then(reportsOf)),
};

printTable({
  title: "totals",
  head: ["", "messages", "bytes", "opened", "failures", "first failure"],
  rows: Object.entries(sides).map(([name, reports]) => {
    const { messages, bytes, opened, failures, failure = "" } = reports.at(-1)!;
    return [name, ...[messages, bytes, opened, failures].map(String), failure];
  }),
});
printTable({
  title: "memory",
  head: ["", "MiB before", "MiB full", "KiB per connection", "MiB growth per minute"],
  rows: Object.entries(sides).map(([name, reports]) => [name, ...memoryOf(reports)]),
});
const [sent, received] = [sides.client!.at(-1)!, sides.server!.at(-1)!];
const isComplete = sent.failures + received.failures === 0 &&
  (["messages", "bytes", "opened"] as const).every((key) => sent[key] === received[key]);
console.log(isComplete ? "\nevery message arrived" : "\nNOT every message arrived");
if (!isComplete) Deno.exit(1);

/** The first line is not a report. */
function reportsOf(lines: unknown[]): readonly Report[] {
  return lines.slice(1) as Report[];
}

/** Fits a line to the memory with all connections, without the first third, which fills the heap. */
function memoryOf(reports: readonly Report[]): string[] {
  const before = reports[0]!.memory / MIB;
  const full = reports.filter(({ at, connections }) => at > from && connections > 0)
    .map(({ at, memory }) => ({ x: (at - from) / 60_000, y: memory / MIB }));
  const settled = full.slice(Math.floor(full.length / 3));
  const mean = (of: (sample: { x: number; y: number }) => number) =>
    settled.reduce((sum, sample) => sum + of(sample), 0) / settled.length;
  const [x, y] = [mean((sample) => sample.x), mean((sample) => sample.y)];
  const growth = mean((sample) => (sample.x - x) * (sample.y - y)) /
    mean((sample) => (sample.x - x) ** 2);
  const perConnection = (y - before) * 1024 / Number(connections);
  return [before.toFixed(0), y.toFixed(0), perConnection.toFixed(1), growth.toFixed(1)];
}
