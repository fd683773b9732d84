/**
 * The demo: Deno, Bun and Node talk to each other by every framing, each as server and as client,
 * over real TCP on loopback that cuts their bytes awkwardly. So does Python, which knows nothing of
 * us. A message counts twice, there and back; times are sums over talks, some of them at once.
 *
 *     deno task demo
 *
 * @module
 */

import { cut } from "./cutter.ts";
import { type Framing, framings } from "./framings.ts";
import { findPython, findRuntimes, type Player } from "./players.ts";
import { LEFT_OUT, runClient, type RunningServer, startServer } from "./processes.ts";
import { count, paint, rows, size, time } from "./table.ts";
import { Tally } from "./tally.ts";

/** So many failures are told one by one. */
const MOST_TOLD = 12;

const pairRow = rows(14, 1, 14, 10, -10, -10, -7, 6);
const framingRow = rows(40, 8, -8, -9, -7, -16);

const start = performance.now();
const total = new Tally();
const byFraming = new Map(framings.map(({ name }) => [name, new Tally()]));
const failures: string[] = [];
let pairs = 0;
let foreignPairs = 0;
let pieces = 0;

async function run(): Promise<void> {
  console.log(
    "Everybody sends messages by every framing, over TCP that cuts them up, and wants them back.\n",
  );
  const [runtimes, python] = await Promise.all([findRuntimes(), findPython()]);
  const players = python === undefined ? runtimes : [...runtimes, python];
  console.log(
    paint("bold", pairRow("client", "", "server", "framings", "messages", "bytes", "time")),
  );
  const servers = await Promise.all(players.map(startServer));
  for (const server of servers) await talkTo(server, players);
  if (python === undefined) console.log("Python is left out: there is none here.");
  console.log(
    paint("bold", "\n" + framingRow("framing", "talks", "messages", "bytes", "time", "lengths")),
  );
  for (const [row, alike] of Map.groupBy(framings, ({ row }) => row)) showFramings(row, alike);
}

/** Lets all clients talk to one server at the same time, on a network that cuts. */
async function talkTo(server: RunningServer, players: readonly Player[]): Promise<void> {
  const network = cut(server.port);
  const clients = players.filter(({ foreign }) => !(foreign && server.player.foreign));
  const talks = clients.map((client) => talk(client, server.player, network.port));
  for (const talk of talks) console.log(await talk);
  network.close();
  pieces += network.pieces;
  for (const complaint of await server.stop()) {
    failures.push(`${server.player.name} as server: ${complaint}`);
  }
}

/** Lets one client talk by every framing that both know, and tells what came of it. */
async function talk(client: Player, server: Player, port: number): Promise<string> {
  const known = client.speaks.filter((name) => server.speaks.includes(name));
  const pair = new Tally();
  for (const report of await runClient(client, port, known)) {
    for (const tally of [pair, total, byFraming.get(report.framing)]) tally?.add(report);
    if (report.failure === undefined || report.failure === LEFT_OUT) continue;
    failures.push(`${client.name} → ${server.name}, ${report.framing}: ${report.failure}`);
  }
  if (client.foreign || server.foreign) foreignPairs++;
  else pairs++;
  return pairRow(
    client.name,
    "→",
    server.name,
    ...cells(pair),
    pair.good === pair.talks ? paint("green", "ok") : paint("red", "FAILED"),
  );
}

/** Shows framings that are much alike in one row. */
function showFramings(row: string, alike: readonly Framing[]): void {
  const tally = Tally.sum(alike.map(({ name }) => byFraming.get(name)!));
  const lengths = alike.flatMap(({ requests, pipelined }) =>
    [...requests, ...pipelined].map(({ length }) => length)
  );
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  const range = least === most ? size(most) : `${size(least)} to ${size(most)}`;
  console.log(framingRow(row, ...cells(tally), range));
}

function cells({ good, talks, messages, bytes, milliseconds }: Tally): string[] {
  return [`${good} of ${talks}`, count(messages), size(bytes), time(milliseconds)];
}

/** Tells what went wrong, and the last word: whether everybody understood everybody. */
function conclude(): void {
  const took = time(performance.now() - start);
  console.log(`\nIt took ${took}, and the bytes were cut into ${count(pieces)} pieces.`);
  for (const failure of failures.slice(0, MOST_TOLD)) console.log(paint("red", failure));
  if (failures.length > MOST_TOLD) console.log(`and ${failures.length - MOST_TOLD} more of these`);
  const who = `${pairs} pairs` + (foreignPairs > 0 ? ` and ${foreignPairs} with Python` : "");
  const what = `${count(total.messages)} messages, ${size(total.bytes)}`;
  console.log(
    failures.length === 0
      ? paint("green", `All ${who} understood each other: ${what}, nothing lost.`)
      : paint("red", `FAILED, as told above. ${total.good} of ${total.talks} talks went well.`),
  );
}

await run().catch((error) => failures.push(error instanceof Error ? error.message : `${error}`));
conclude();
Deno.exit(failures.length === 0 ? 0 : 1);
