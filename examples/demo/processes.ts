/**
 * The processes of the demo. Each reports in lines of JSON, which are read with the library itself.
 *
 * @module
 */

import { json, lines, readFrames } from "../../mod.ts";
import type { Participant } from "./participants.ts";
import type { Report } from "./peer.ts";

/** A server process. */
export interface RunningServer {
  readonly participant: Participant;
  readonly port: number;
  /** Stops the server and returns its failures. */
  stop(): Promise<string[]>;
}

/** Report of a server: first its port, then failures. */
type ServerReport = { readonly port: number } | { readonly failure: string };

/** Limits the whole demo: when it expires, all processes are killed and no more are started. */
const deadline = AbortSignal.timeout(150_000);

const TOO_LONG = "the demo took too long";

/** Failure of an exchange that was skipped because its client had already failed. */
export const SKIPPED = "skipped";

/** Milliseconds after which a server that was asked to stop is killed. */
const STOP_TIMEOUT = 10_000;

/** Starts a participant as a server. */
export async function startServer(participant: Participant): Promise<RunningServer> {
  const process = start(participant, "server");
  const error = errorOf(process);
  const reports = readFrames(process.stdout, { framer: lines(), codec: json<ServerReport>() });
  const { value: first } = await reports.next();
  if (first === undefined || !("port" in first)) {
    throw new Error(`${participant.name} did not start as a server: ${await error}`);
  }
  const failures = failuresIn(reports);
  return {
    participant,
    port: first.port,
    async stop() {
      const timer = setTimeout(() => process.kill("SIGKILL"), STOP_TIMEOUT);
      await process.stdin.close();
      const [texts, { success, signal }] = await Promise.all([failures, process.status]);
      clearTimeout(timer);
      if (signal !== null) texts.push("did not stop when asked to");
      else if (!success) texts.push(`crashed: ${await error}`);
      return texts;
    },
  };
}

/** Returns the failures that a server reports until it ends. */
async function failuresIn(reports: AsyncIterable<ServerReport>): Promise<string[]> {
  const texts: string[] = [];
  try {
    for await (const report of reports) if ("failure" in report) texts.push(report.failure);
  } catch (error) {
    texts.push(`printed something other than JSON: ${error}`);
  }
  return texts;
}

/** Runs a participant as a client, and returns one report for each framing. */
export async function runClient(
  client: Participant,
  port: number,
  framings: readonly string[],
): Promise<Report[]> {
  const process = start(client, "client", `${port}`, ...framings);
  await process.stdin.close();
  const error = errorOf(process);
  const stream = readFrames(process.stdout, { framer: lines(), codec: json<Report>() });
  const reports = await Array.fromAsync(stream);
  await process.status;
  const failure = `the client crashed: ${deadline.aborted ? TOO_LONG : await error}`;
  const missing = framings.slice(reports.length).map((framing, index): Report => {
    return { framing, messages: 0, bytes: 0, milliseconds: 0, failure: index ? SKIPPED : failure };
  });
  return [...reports, ...missing];
}

function start({ program: [path, ...first] }: Participant, ...rest: string[]): Deno.ChildProcess {
  if (deadline.aborted) throw new Error(TOO_LONG);
  const args = [...first, ...rest];
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(path, { args, ...pipes, signal: deadline }).spawn();
}

/** Returns the line of a process's standard error that names an error, or else the last line. */
async function errorOf(process: Deno.ChildProcess): Promise<string> {
  const lines = (await process.stderr.text()).trim().split("\n").map((line) => line.trim());
  return lines.find((line) => /error:/i.test(line)) ?? (lines.at(-1) || "no error output");
}
