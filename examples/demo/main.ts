/**
 * The demo: Deno, Bun and Node exchange messages in every framing, each as server and as client, over
 * TCP on loopback through a proxy that splits the bytes at awkward places. Python takes part as a peer
 * that does not use the library. Messages are counted in both directions; times are sums over
 * exchanges, some of which are concurrent.
 *
 *     deno task demo
 *
 * @module
 */

import { type Framing, framings } from "./framings.ts";
import { findPython, findRuntimes, type Participant } from "./participants.ts";
import { runClient, type RunningServer, SKIPPED, startServer } from "./processes.ts";
import { startProxy } from "./splitting_proxy.ts";
import { count, paint, rows, size, time } from "./table.ts";
import { Tally } from "./tally.ts";

/** Maximum number of failures to print. */
const MAX_PRINTED = 12;

const pairRow = rows(14, 1, 14, 10, -10, -10, -7, 6);
const framingRow = rows(40, 9, -8, -9, -7, -16);

const start = performance.now();
const total = new Tally();
const byFraming = new Map(framings.map(({ name }) => [name, new Tally()]));
const failures: string[] = [];
let pairs = 0;
let foreignPairs = 0;
let pieces = 0;

async function run(): Promise<void> {
  console.log("Each client sends messages in every framing, over TCP that splits them,");
  console.log("and each server sends them back.\n");
  const [runtimes, python] = await Promise.all([findRuntimes(), findPython()]);
  const participants = python === undefined ? runtimes : [...runtimes, python];
  console.log(
    paint("bold", pairRow("client", "", "server", "framings", "messages", "bytes", "time")),
  );
  const servers = await Promise.all(participants.map(startServer));
  for (const server of servers) await runPairs(server, participants);
  if (python === undefined) console.log("Python is not installed: its part is skipped.");
  const header = framingRow("framing", "exchanges", "messages", "bytes", "time", "lengths");
  console.log(paint("bold", `\n${header}`));
  for (const [row, alike] of Map.groupBy(framings, ({ row }) => row)) printFramings(row, alike);
}

/** Runs all clients against one server at the same time, through one proxy. */
async function runPairs(
  server: RunningServer,
  participants: readonly Participant[],
): Promise<void> {
  const proxy = startProxy(server.port);
  const clients = participants.filter(({ foreign }) => !(foreign && server.participant.foreign));
  const results = clients.map((client) => runPair(client, server.participant, proxy.port));
  for (const result of results) console.log(await result);
  proxy.close();
  pieces += proxy.pieces;
  for (const failure of await server.stop()) {
    failures.push(`${server.participant.name} as server: ${failure}`);
  }
}

/** Runs one client in every framing that both sides support, and returns the row of the pair. */
async function runPair(client: Participant, server: Participant, port: number): Promise<string> {
  const common = client.supports.filter((name) => server.supports.includes(name));
  const pair = new Tally();
  for (const report of await runClient(client, port, common)) {
    for (const tally of [pair, total, byFraming.get(report.framing)]) tally?.add(report);
    if (report.failure === undefined || report.failure === SKIPPED) continue;
    failures.push(`${client.name} → ${server.name}, ${report.framing}: ${report.failure}`);
  }
  if (client.foreign || server.foreign) foreignPairs++;
  else pairs++;
  return pairRow(
    client.name,
    "→",
    server.name,
    ...cells(pair),
    pair.succeeded === pair.exchanges ? paint("green", "ok") : paint("red", "FAILED"),
  );
}

/** Prints one row for framings of the same kind. */
function printFramings(row: string, alike: readonly Framing[]): void {
  const tally = Tally.sum(alike.map(({ name }) => byFraming.get(name)!));
  const lengths = alike.flatMap(({ requests, pipelined }) =>
    [...requests, ...pipelined].map(({ length }) => length)
  );
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  const range = least === most ? size(most) : `${size(least)} to ${size(most)}`;
  console.log(framingRow(row, ...cells(tally), range));
}

function cells({ succeeded, exchanges, messages, bytes, milliseconds }: Tally): string[] {
  return [`${succeeded} of ${exchanges}`, count(messages), size(bytes), time(milliseconds)];
}

/** Prints the failures and the result. */
function conclude(): void {
  const took = time(performance.now() - start);
  console.log(`\nThe demo took ${took}; the proxy split the bytes into ${count(pieces)} pieces.`);
  for (const failure of failures.slice(0, MAX_PRINTED)) console.log(paint("red", failure));
  if (failures.length > MAX_PRINTED) {
    console.log(`and ${failures.length - MAX_PRINTED} more failures`);
  }
  const ran = `${pairs} pairs` + (foreignPairs > 0 ? ` and ${foreignPairs} with Python` : "");
  const sum = `${count(total.messages)} messages, ${size(total.bytes)}`;
  console.log(
    failures.length === 0
      ? paint("green", `All ${ran} succeeded: ${sum}, nothing lost.`)
      : paint("red", `FAILED: ${total.succeeded} of ${total.exchanges} exchanges succeeded.`),
  );
}

await run().catch((error) => failures.push(error instanceof Error ? error.message : `${error}`));
conclude();
Deno.exit(failures.length === 0 ? 0 : 1);
