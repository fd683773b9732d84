/**
 * One end of the demo, on whatever runtime it is started:
 *
 *     peer.ts server                   tells its port, and serves until its input ends
 *     peer.ts client PORT FRAMING...   talks to a server by each framing, and tells what came of it
 *
 * A client's first line names a framing. From there on both speak that one: the server sends back
 * every message, and both know which ones must come, in which order, byte by byte. `foreign.py`
 * does the same.
 *
 * @module
 */

import process from "node:process";
import { connect, type Connection, lines, serve, text } from "../../mod.ts";
import { type Framing, framings } from "./framings.ts";
import { equal } from "./messages.ts";

/** What a client tells of its talk by one framing. */
export interface Report {
  readonly framing: string;
  /** How many messages were sent and came back, counted both times. */
  readonly messages: number;
  /** How many bytes these messages have. */
  readonly bytes: number;
  readonly milliseconds: number;
  /** Why the talk failed. */
  readonly failure?: string;
}

const hello = { framer: lines(), codec: text() };

/** A talk that takes longer has failed. */
const MOST_MILLISECONDS = 20_000;

async function runServer(): Promise<void> {
  const server = await serve({ ...hello, onError: complain }, async (connection) => {
    const framing = framingOf(await connection.receive());
    await sendBack(connection.switchTo(framing), framing).catch((cause) => {
      throw new Error(`${framing.name}: ${reason(cause)}`, { cause });
    });
  });
  tell({ port: server.address.port });
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once("end", resolve));
  await server.close();
}

async function sendBack(connection: Connection, framing: Framing): Promise<void> {
  const expected = [...framing.requests, ...framing.pipelined];
  let count = 0;
  for await (const message of connection) {
    check(message, expected, count++);
    await connection.send(message);
  }
  if (count < expected.length) throw new Error(`only ${count} of ${expected.length} messages came`);
}

async function runClient(port: number, names: readonly string[]): Promise<void> {
  for (const framing of names.map(framingOf)) {
    const start = performance.now();
    const sum = { messages: 0, bytes: 0 };
    const failure = await talk(port, framing, sum).then(() => undefined, reason);
    tell({ framing: framing.name, ...sum, milliseconds: performance.now() - start, failure });
  }
}

async function talk(
  port: number,
  framing: Framing,
  sum: { messages: number; bytes: number },
): Promise<void> {
  const greeting = await connect({ port, ...hello });
  const timer = setTimeout(() => greeting.abort("it took too long"), MOST_MILLISECONDS);
  try {
    await greeting.send(framing.name);
    await exchange(greeting.switchTo(framing), framing, (message) => {
      sum.messages += 2;
      sum.bytes += 2 * message.length;
    });
    await greeting.close();
  } catch (error) {
    greeting.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(
  connection: Connection,
  { requests, pipelined }: Framing,
  returned: (message: Uint8Array) => void,
): Promise<void> {
  const expected = [...requests, ...pipelined];
  let count = 0;
  const receive = async () => {
    const message = await connection.receive();
    if (message === undefined) throw new Error(`the server closed after ${count} messages`);
    check(message, expected, count++);
    returned(message);
  };
  for (const request of requests) {
    await connection.send(request);
    await receive();
  }
  const sent = sendAll(connection, pipelined);
  while (count < expected.length) await receive();
  await sent;
  if (await connection.receive() !== undefined) throw new Error("more came back than was sent");
}

async function sendAll(connection: Connection, messages: readonly Uint8Array[]): Promise<void> {
  for (const message of messages) await connection.send(message);
  await connection.closeWrite();
}

function check(message: Uint8Array, expected: readonly Uint8Array[], index: number): void {
  const wanted = expected[index];
  if (wanted !== undefined && equal(message, wanted)) return;
  throw new Error(
    `message ${
      index + 1
    } of ${expected.length} has ${message.length} bytes and is not the one of ` +
      `${wanted?.length ?? "no"} bytes that belongs there`,
  );
}

function framingOf(name: string | undefined): Framing {
  const framing = framings.find((one) => one.name === name);
  if (framing === undefined) throw new Error(`Cannot speak ${name}: there is no such framing`);
  return framing;
}

function tell(what: object): void {
  console.log(JSON.stringify(what));
}

function complain(error: unknown): void {
  tell({ failure: reason(error) });
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : reason(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}

const [role, port, ...names] = process.argv.slice(2);
if (role === "server") await runServer();
else await runClient(Number(port), names);
