/**
 * The processes of the demo. Each tells what it has to tell in lines of JSON, which are read with
 * the library itself.
 *
 * @module
 */

import { json, lines, readFrames } from "../../mod.ts";
import type { Report } from "./peer.ts";
import type { Player } from "./players.ts";

/** A server that runs. */
export interface RunningServer {
  readonly player: Player;
  readonly port: number;
  /** Ends it, and says what it had to complain of. */
  stop(): Promise<string[]>;
}

/** What servers tell: their port first, then what went wrong. */
type Message = { readonly port: number } | { readonly failure: string };

/** The whole demo may take so long. Then every process is killed, and no other one started. */
const deadline = AbortSignal.timeout(150_000);

const TOO_LONG = "the demo took too long";

/** The failure of a talk that did not take place because its client had failed before. */
export const LEFT_OUT = "left out";

/** A server that does not end when it is told to is killed. */
const PATIENCE = 10_000;

/** Starts a player as a server. */
export async function startServer(player: Player): Promise<RunningServer> {
  const process = start(player, "server");
  const words = lastWords(process);
  const told = readFrames(process.stdout, { framer: lines(), codec: json<Message>() });
  const { value: first } = await told.next();
  if (first === undefined || !("port" in first)) {
    throw new Error(`${player.name} did not start to serve: ${await words}`);
  }
  const complaints = collect(told);
  return {
    player,
    port: first.port,
    async stop() {
      const timer = setTimeout(() => process.kill("SIGKILL"), PATIENCE);
      await process.stdin.close();
      const [texts, { success, signal }] = await Promise.all([complaints, process.status]);
      clearTimeout(timer);
      if (signal !== null) texts.push("it did not end when it was told to");
      else if (!success) texts.push(`it broke down: ${await words}`);
      return texts;
    },
  };
}

/** What a server has to complain of, up to its end. */
async function collect(told: AsyncIterable<Message>): Promise<string[]> {
  const texts: string[] = [];
  try {
    for await (const message of told) if ("failure" in message) texts.push(message.failure);
  } catch (error) {
    texts.push(`it told something else than JSON: ${error}`);
  }
  return texts;
}

/** Runs a player as a client, and says what it reports of each framing. */
export async function runClient(
  client: Player,
  port: number,
  framings: readonly string[],
): Promise<Report[]> {
  const process = start(client, "client", `${port}`, ...framings);
  await process.stdin.close();
  const words = lastWords(process);
  const told = readFrames(process.stdout, { framer: lines(), codec: json<Report>() });
  const reports = await Array.fromAsync(told);
  await process.status;
  const failure = `the client broke down: ${deadline.aborted ? TOO_LONG : await words}`;
  const missing = framings.slice(reports.length).map((framing, index): Report => {
    return { framing, messages: 0, bytes: 0, milliseconds: 0, failure: index ? LEFT_OUT : failure };
  });
  return [...reports, ...missing];
}

function start({ program: [path, ...first] }: Player, ...rest: string[]): Deno.ChildProcess {
  if (deadline.aborted) throw new Error(TOO_LONG);
  const args = [...first, ...rest];
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(path, { args, ...pipes, signal: deadline }).spawn();
}

/** What a process wrote to its standard error: the line that names an error, or the last one. */
async function lastWords(process: Deno.ChildProcess): Promise<string> {
  const words = (await process.stderr.text()).trim().split("\n").map((line) => line.trim());
  return words.find((line) => /error:/i.test(line)) ?? (words.at(-1) || "it said nothing");
}
