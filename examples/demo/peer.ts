/**
 * One end of the demo, on whatever runtime it is started:
 *
 *     peer.ts server                  prints its port, and serves until its input ends
 *     peer.ts client PORT             talks to a server, and prints what came of it, a line a framing
 *
 * A client's first line names a framing; from there on both speak that one, and the server sends every
 * message back.
 *
 * @module
 */

import process from "node:process";
import { connect, type Connection, lines, serve, text } from "../../mod.ts";
import { type Framing, framings } from "./framings.ts";

/** What a client tells of one framing. */
export interface Report {
  readonly framing: string;
  readonly messages: number;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly failure?: string;
}

const greeting = { framer: lines(), codec: text() };

async function runServer(): Promise<void> {
  const server = await serve(
    { ...greeting, onError: (error) => console.error(error) },
    async (connection) => {
      const name = await connection.receive();
      const framing = framings.find((one) => one.name === name);
      if (framing === undefined) throw new Error(`There is no framing ${name}`);
      const frames = connection.switchTo<Uint8Array>(framing);
      for await (const frame of frames) await frames.send(frame);
    },
  );
  console.log(server.address.port);
  process.stdin.on("end", () => void server.close().then(() => process.exit()));
  process.stdin.resume();
}

async function runClient(port: number): Promise<void> {
  for (const framing of framings) {
    const start = performance.now();
    let report: Omit<Report, "milliseconds">;
    try {
      report = await talk(port, framing);
    } catch (error) {
      report = { framing: framing.name, messages: 0, bytes: 0, failure: String(error) };
    }
    console.log(JSON.stringify({ ...report, milliseconds: performance.now() - start }));
  }
}

async function talk(port: number, framing: Framing): Promise<Omit<Report, "milliseconds">> {
  const hello = await connect({ port, ...greeting });
  await hello.send(framing.name);
  const connection = hello.switchTo<Uint8Array>(framing);
  const { pipelined, oneByOne } = framing;
  await Promise.all([send(connection, pipelined), expectAll(connection, pipelined)]);
  const untilClose = framing.name === "untilClose";
  for (const message of oneByOne) {
    const sent = untilClose
      ? connection.send(message).then(() => connection.closeWrite())
      : connection.send(message);
    await Promise.all([sent, expect(connection, message)]);
  }
  await connection.closeWrite();
  if (await connection.receive() !== undefined) throw new Error("more came than was sent");
  await connection.close();
  const messages = [...pipelined, ...oneByOne];
  return {
    framing: framing.name,
    messages: 2 * messages.length,
    bytes: 2 * messages.reduce((sum, { length }) => sum + length, 0),
  };
}

async function send(connection: Connection, messages: readonly Uint8Array[]): Promise<void> {
  for (const message of messages) await connection.send(message);
}

async function expectAll(connection: Connection, messages: readonly Uint8Array[]): Promise<void> {
  for (const message of messages) await expect(connection, message);
}

async function expect(connection: Connection, message: Uint8Array): Promise<void> {
  const reply = await connection.receive();
  if (reply === undefined) throw new Error("the server has closed");
  if (reply.length !== message.length || reply.some((byte, index) => byte !== message[index])) {
    throw new Error(`a message of ${message.length} bytes came back as ${reply.length} others`);
  }
}

const [role, port] = process.argv.slice(2);
if (role === "server") await runServer();
else if (role === "client") await runClient(Number(port)).finally(() => process.exit());
