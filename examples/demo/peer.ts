/**
 * A server or a client of the demo, on any of the runtimes:
 *
 *     peer.ts server                   prints its port, and serves until its input ends
 *     peer.ts client PORT FRAMING...   runs one exchange for each framing, and prints the results
 *
 * The first line from the client names a framing, which both sides then use. The server sends back
 * each message; both sides check its bytes and its order. `foreign.py` does the same.
 *
 * @module
 */

import process from "node:process";
import { connect, type Connection, lines, serve, text } from "../../mod.ts";
import { type Framing, framings } from "./framings.ts";
import { equal } from "./messages.ts";

/** Result of the exchange in one framing, as a client reports it. */
export interface Report {
  readonly framing: string;
  /** Number of messages that were returned, counted in both directions. */
  readonly messages: number;
  /** Length of these messages in bytes, counted in both directions. */
  readonly bytes: number;
  readonly milliseconds: number;
  /** Why the exchange failed, if it did. */
  readonly failure?: string;
}

const hello = { framer: lines(), codec: text() };

/** Timeout of an exchange in milliseconds. */
const TIMEOUT = 20_000;

async function runServer(): Promise<void> {
  const server = await serve({ ...hello, onError: reportFailure }, async (connection) => {
    const framing = framingOf(await connection.receive());
    await sendBack(connection.switchTo(framing), framing).catch((cause) => {
      throw new Error(`${framing.name}: ${describe(cause)}`, { cause });
    });
  });
  print({ port: server.address.port });
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
  if (count < expected.length) {
    throw new Error(`only ${count} of ${expected.length} messages arrived`);
  }
}

async function runClient(port: number, names: readonly string[]): Promise<void> {
  for (const framing of names.map(framingOf)) {
    const start = performance.now();
    const sum = { messages: 0, bytes: 0 };
    const failure = await runExchange(port, framing, sum).then(() => undefined, describe);
    print({ framing: framing.name, ...sum, milliseconds: performance.now() - start, failure });
  }
}

async function runExchange(
  port: number,
  framing: Framing,
  sum: { messages: number; bytes: number },
): Promise<void> {
  const greeting = await connect({ port, ...hello });
  const timer = setTimeout(() => greeting.abort("the exchange took too long"), TIMEOUT);
  try {
    await greeting.send(framing.name);
    await sendAndReceive(greeting.switchTo(framing), framing, (message) => {
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

async function sendAndReceive(
  connection: Connection,
  { requests, pipelined }: Framing,
  onReturned: (message: Uint8Array) => void,
): Promise<void> {
  const expected = [...requests, ...pipelined];
  let count = 0;
  const receive = async () => {
    const message = await connection.receive();
    if (message === undefined) throw new Error(`the server closed after ${count} messages`);
    check(message, expected, count++);
    onReturned(message);
  };
  for (const request of requests) {
    await connection.send(request);
    await receive();
  }
  const sent = sendAll(connection, pipelined);
  while (count < expected.length) await receive();
  await sent;
  if (await connection.receive() !== undefined) {
    throw new Error("more messages came back than were sent");
  }
}

async function sendAll(connection: Connection, messages: readonly Uint8Array[]): Promise<void> {
  for (const message of messages) await connection.send(message);
  await connection.closeWrite();
}

function check(message: Uint8Array, expected: readonly Uint8Array[], index: number): void {
  const want = expected[index];
  if (want !== undefined && equal(message, want)) return;
  const got = `message ${index + 1} of ${expected.length} (${message.length} bytes)`;
  const wanted = want === undefined ? "the end" : `another one (${want.length} bytes)`;
  throw new Error(`unexpected ${got}: expected ${wanted}`);
}

function framingOf(name: string | undefined): Framing {
  const framing = framings.find((one) => one.name === name);
  if (framing === undefined) throw new Error(`Unknown framing ${name}`);
  return framing;
}

function print(report: object): void {
  console.log(JSON.stringify(report));
}

function reportFailure(error: unknown): void {
  print({ failure: describe(error) });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : describe(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}

const [role, port, ...names] = process.argv.slice(2);
if (role === "server") await runServer();
else await runClient(Number(port), names);
