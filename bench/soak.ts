/**
 * Thousands of connections at once on one machine, each of which ping-pongs, comes and goes; every byte
 * is accounted for on both ends. Prints the memory that a connection takes, and how it grows with time.
 *
 *     deno task bench:soak --runtime=node@26 --connections=10000 --seconds=60
 *
 * @module
 */

import { command } from "../scripts/runtimes.ts";
import type { Report } from "./soak/report.ts";

const options = Object.fromEntries(Deno.args.map((argument) => argument.slice(2).split("=")));
const runtime: string = options.runtime ?? "deno";
const connections = Number(options.connections ?? 10_000);
const seconds = Number(options.seconds ?? 60);
const MIB = 1_048_576;

/** A process that tells how it goes, a line of JSON each time. */
class Side {
  readonly reports: { readonly at: number; readonly report: Report }[] = [];
  readonly ready: Promise<unknown>;
  readonly done: Promise<Report>;
  readonly #child: Deno.ChildProcess;

  constructor(file: string, ...args: string[]) {
    const path = decodeURIComponent(new URL(`soak/${file}.ts`, import.meta.url).pathname);
    const stdio = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    this.#child = command(runtime, [path, ...args], stdio).spawn();
    const ready = Promise.withResolvers<unknown>();
    const done = Promise.withResolvers<Report>();
    this.ready = ready.promise;
    this.done = done.promise;
    this.#read({ ready: ready.resolve, done: done.resolve })
      .then(() => new Error(`${file} has ended`), (error) => error)
      .then((error) => [ready, done].forEach(({ reject }) => reject(error)));
  }

  async #read(tell: { ready(value: unknown): void; done(report: Report): void }): Promise<void> {
    let text = "";
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      for (const { kind, value } of lines.map((line) => JSON.parse(line))) {
        if (kind === "ready") tell.ready(value);
        else this.reports.push({ at: performance.now(), report: value });
        if (kind === "done") tell.done(value);
      }
    }
  }

  /** Says that it may end. */
  async end(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("end\n"));
  }

  get exit(): Promise<unknown> {
    return this.#child.status;
  }

  /** Memory when nobody was connected, with everybody, and its growth from then on, in MiB a minute. */
  memory(from: number): { before: number; full: number; growth: number } {
    const before = this.reports[0]!.report.rss / MIB;
    const samples = this.reports.filter(({ at, report }) => at > from && report.connections > 0)
      .map(({ at, report }) => ({ x: (at - from) / 60_000, y: report.rss / MIB }));
    // The first third fills caches and heaps.
    const settled = samples.slice(Math.floor(samples.length / 3));
    const mean = (of: (sample: { x: number; y: number }) => number) =>
      settled.reduce((sum, sample) => sum + of(sample), 0) / settled.length;
    const x = mean((sample) => sample.x);
    const y = mean((sample) => sample.y);
    const growth = mean((sample) => (sample.x - x) * (sample.y - y)) /
      mean((sample) => (sample.x - x) ** 2);
    return { before, full: y, growth };
  }
}

const server = new Side("server");
const addresses = await server.ready;
// One report of the server without a connection.
while (server.reports.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
const client = new Side("client", JSON.stringify({ addresses, connections, seconds }));
const here = await client.ready;
const from = performance.now();
console.log(`${runtime}: ${here} connections are there; they talk for ${seconds} s`);
const sent = await client.done;
const time = (performance.now() - from) / 1000;
await client.end();
await server.end();
const received = await server.done;
await Promise.all([client.exit, server.exit]);

console.log(`\n${"".padEnd(8)}     messages         bytes  opened  failures`);
for (const [name, report] of Object.entries({ client: sent, server: received })) {
  console.log(
    name.padEnd(8) + String(report.messages).padStart(13) + String(report.bytes).padStart(14) +
      String(report.opened).padStart(8) + String(report.failures).padStart(10) +
      (report.failure ? `  ${report.failure}` : ""),
  );
}
console.log(`\n${"".padEnd(8)}  MiB before  MiB full  KiB a connection  MiB more a minute`);
for (const [name, side] of Object.entries({ client, server })) {
  const { before, full, growth } = side.memory(from);
  console.log(
    name.padEnd(8) + before.toFixed(0).padStart(12) + full.toFixed(0).padStart(10) +
      ((full - before) * 1024 / connections).toFixed(1).padStart(18) +
      growth.toFixed(1).padStart(19),
  );
}
const whole = sent.messages === received.messages && sent.bytes === received.bytes &&
  sent.opened === received.opened && sent.failures + received.failures === 0;
console.log(
  `\n${Math.round(sent.messages / time)} round trips a second, ` +
    `${Math.round(sent.opened / time)} connections a second; ` +
    (whole ? "every byte is accounted for" : "NOT everything is accounted for"),
);
if (!whole) Deno.exit(1);
