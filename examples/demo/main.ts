/**
 * The demo: servers and clients on Deno, Bun and Node talk to each other under every framing, over a
 * stretch of network that cuts their bytes awkwardly; and so do peers in Python that know nothing of us.
 *
 *     deno task demo
 *
 * @module
 */

import { connect, decimal, fixed, type Framer, lengthPrefixed, lines, serve } from "../../mod.ts";
import { command } from "../../scripts/runtimes.ts";
import { cut } from "./cutter.ts";
import { framings } from "./framings.ts";
import type { Report } from "./peer.ts";

const runtimes = ["deno", "bun@1.4.5", "node@24"];
const here = import.meta.dirname!;
const peer = `${here}/peer.ts`;
const failures: string[] = [];
const byFraming = new Map<string, { messages: number; bytes: number; milliseconds: number }>();
let messages = 0;
let bytes = 0;

/** The first line that a process prints. */
async function firstLine(process: Deno.ChildProcess): Promise<string> {
  let text = "";
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("A server ended before it told its port");
    text += value;
  }
  reader.releaseLock();
  return text.split("\n")[0]!;
}

function row(...cells: string[]): void {
  const [who = "", what = "", ...numbers] = cells;
  console.log(
    `${who.padEnd(24)}${what.padEnd(22)}${numbers.map((one) => one.padStart(12)).join("")}`,
  );
}

function size(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

function time(milliseconds: number): string {
  return `${Math.round(milliseconds)} ms`;
}

async function runPair(server: string, client: string, port: number): Promise<void> {
  const start = performance.now();
  const { stdout, stderr } = await command(client, [peer, "client", String(port)]).output();
  const reports: Report[] = new TextDecoder().decode(stdout).trim().split("\n")
    .filter((line) => line !== "").map((line) => JSON.parse(line));
  const pair = `${client} -> ${server}`;
  if (reports.length < framings.length) {
    failures.push(`${pair}: the client ended early: ${new TextDecoder().decode(stderr).trim()}`);
  }
  const sum = { messages: 0, bytes: 0 };
  for (const report of reports) {
    if (report.failure !== undefined) {
      failures.push(`${pair}, ${report.framing}: ${report.failure}`);
    }
    const total = byFraming.get(report.framing) ?? { messages: 0, bytes: 0, milliseconds: 0 };
    total.messages += report.messages;
    total.bytes += report.bytes;
    total.milliseconds += report.milliseconds;
    byFraming.set(report.framing, total);
    sum.messages += report.messages;
    sum.bytes += report.bytes;
  }
  messages += sum.messages;
  bytes += sum.bytes;
  const spent = time(performance.now() - start);
  row(pair, `all ${reports.length} framings`, `${sum.messages}`, size(sum.bytes), spent);
}

const foreign: readonly (readonly [name: string, framer: Framer])[] = [
  ["fixed", fixed(5)],
  ["decimal", lengthPrefixed(decimal(5))],
  ["lines", lines()],
];

function python(...args: string[]): Deno.Command {
  return new Deno.Command("python3", {
    args: [`${here}/foreign.py`, ...args],
    stdout: "piped",
    stderr: "piped",
  });
}

async function runPythonClient(name: string, framer: Framer): Promise<void> {
  const start = performance.now();
  const server = await serve({ framer }, async (connection) => {
    for await (const message of connection) await connection.send(message);
  });
  const { stdout, stderr, success } = await python("client", name, `${server.address.port}`)
    .output();
  await server.close();
  if (!success) {
    failures.push(`Python -> Deno, ${name}: ${new TextDecoder().decode(stderr).trim()}`);
  }
  const [count, sum] = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  messages += count ?? 0;
  bytes += sum ?? 0;
  row("Python -> Deno", name, `${count}`, size(sum ?? 0), time(performance.now() - start));
}

async function runPythonServer(name: string, framer: Framer): Promise<void> {
  const start = performance.now();
  const server = python("server", name).spawn();
  const connection = await connect({ port: Number(await firstLine(server)), framer });
  const sent = Array.from({ length: 100 }, (_, index) => new Uint8Array(5).fill(0x61 + index % 26));
  const sending = (async () => {
    for (const message of sent) await connection.send(message);
    await connection.closeWrite();
  })();
  let count = 0;
  for await (const reply of connection) {
    if (reply.some((byte, index) => byte !== sent[count]?.[index])) break;
    count++;
  }
  await sending;
  await connection.close();
  await server.status;
  await server.stderr.cancel();
  if (count !== sent.length) failures.push(`Deno -> Python, ${name}: reply ${count} is spoiled`);
  messages += 2 * count;
  bytes += 10 * count;
  row("Deno -> Python", name, `${2 * count}`, size(10 * count), time(performance.now() - start));
}

row("client -> server", "framing", "messages", "bytes", "time");
for (const runtime of runtimes) {
  const server = command(runtime, [peer, "server"], { stdin: "piped", stdout: "piped" }).spawn();
  const network = cut(Number(await firstLine(server)));
  for (const client of runtimes) await runPair(runtime, client, network.port);
  network.close();
  await server.stdin.close();
  await server.status;
}
const hasPython = await python().output().then(() => true, () => false);
for (const [name, framer] of hasPython ? foreign : []) {
  await runPythonClient(name, framer);
  await runPythonServer(name, framer);
}
if (!hasPython) console.log("Python's peers are left out: there is no python3 here");
console.log();
for (const [name, total] of byFraming) {
  row("all nine pairs", name, `${total.messages}`, size(total.bytes), time(total.milliseconds));
}
console.log();
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(
  failures.length === 0
    ? `Everybody understood everybody: 9 pairs${hasPython ? ", and Python" : ""}; ` +
      `${messages} messages, ${size(bytes)}, and nothing was lost.`
    : `${failures.length} of the talks failed.`,
);
Deno.exit(failures.length === 0 ? 0 : 1);
