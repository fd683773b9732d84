/**
 * One side of the soak test. The server returns each message if it is the next of its connection; the
 * client keeps a number of connections open, each of which exchanges some messages and closes.
 *
 *     node bench/soak/peer.ts server
 *     node bench/soak/peer.ts client ADDRESSES CONNECTIONS SECONDS
 *
 * @module
 */

import process from "node:process";
import { connect, type Connection, lengthPrefixed, serve, uint32 } from "../../mod.ts";
import { print } from "../support/work.ts";

/** Counts of one side, printed every second. */
export interface Report {
  /** Milliseconds since the epoch. */
  at: number;
  /** Open connections. */
  connections: number;
  /** Connections so far. */
  opened: number;
  messages: number;
  bytes: number;
  failures: number;
  failure?: string;
  /** Resident memory in bytes. */
  memory: number;
}

/** A client has 28,000 ports per address; those of closed connections stay reserved for a minute. */
const ADDRESSES = 8;
/** Maximum number of clients that connect at the same time. */
const MAX_CONNECTING = 50;
/** Maximum pause between two messages in milliseconds, so that the processes are not saturated. */
const MAX_PAUSE = 8000;

const protocol = { framer: lengthPrefixed(uint32), maxFrameLength: 8192 };
const counts = { connections: 0, opened: 0, messages: 0, bytes: 0, failures: 0 };
const report: Report = { ...counts, at: 0, memory: 0 };

/** Makes a message of 8 bytes to 4 KiB, mostly short: two numbers, and bytes that depend on them. */
function messageOf(connection: number, sequence: number): Uint8Array {
  const seed = (Math.imul(connection, 2_654_435_761) + Math.imul(sequence, 40_503)) >>> 0;
  const message = new Uint8Array(8 + Math.floor((seed / 2 ** 32) ** 3 * 4088)).fill(seed);
  const header = new DataView(message.buffer);
  header.setUint32(0, connection);
  header.setUint32(4, sequence);
  return message;
}

/** Throws unless a message is the expected one. */
function check(message: Uint8Array, connection: number, sequence: number): void {
  const expected = messageOf(connection, sequence);
  if (message.length !== expected.length || message.some((byte, at) => byte !== expected[at])) {
    throw new Error(`Message ${sequence} of connection ${connection} is wrong`);
  }
  report.messages++;
  report.bytes += message.length;
}

function fail(error: unknown): void {
  report.failures++;
  report.failure ??= String(error);
}

function printReport(): void {
  report.at = Date.now();
  report.memory = process.memoryUsage().rss;
  print(report);
}

async function runServer(): Promise<void> {
  const hostnames = Array.from({ length: ADDRESSES }, (_, index) => `127.0.0.${index + 1}`);
  const servers = await Promise.all(
    hostnames.map((hostname) => serve({ ...protocol, hostname, onError: fail }, echo)),
  );
  print(servers.map(({ address }) => address));
  const timer = setInterval(printReport, 1000);
  printReport();
  await new Promise((resolve) => process.stdin.once("end", resolve).resume());
  clearInterval(timer);
  await Promise.all(servers.map((server) => server.shutdown({ deadline: 10_000 })));
}

async function echo(connection: Connection): Promise<void> {
  report.connections++;
  report.opened++;
  try {
    let id: number | undefined;
    let sequence = 0;
    for await (const message of connection) {
      id ??= new DataView(message.buffer, message.byteOffset).getUint32(0);
      check(message, id, sequence++);
      await connection.send(message);
    }
  } finally {
    report.connections--;
  }
}

async function runClient(argumentList: readonly string[]): Promise<void> {
  const addresses: { hostname: string; port: number }[] = JSON.parse(argumentList[0]!);
  const [connections, seconds] = argumentList.slice(1).map(Number) as [number, number];
  const waiting: (() => void)[] = [];
  let connecting = 0;
  let ids = 0;
  let isOver = false;

  /** Opens connections one after another. The first ones are short, so that not all close together. */
  async function visit(): Promise<void> {
    for (let isFirst = true; !isOver; isFirst = false) {
      const id = ids++;
      const messages = isFirst ? 2 + id % 10 : 6 + id % 8;
      await exchange(id, messages).catch(fail);
    }
  }

  async function exchange(id: number, messages: number): Promise<void> {
    const connection = await open(addresses[id % addresses.length]!);
    report.connections++;
    report.opened++;
    try {
      for (let sequence = 0; sequence < messages && !isOver; sequence++) {
        await connection.send(messageOf(id, sequence));
        const reply = await connection.receive();
        if (reply === undefined) throw new Error(`Connection ${id} was closed`);
        check(reply, id, sequence);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_PAUSE));
      }
      await connection.close();
    } finally {
      report.connections--;
      connection.abort();
    }
  }

  async function open(address: { hostname: string; port: number }): Promise<Connection> {
    if (connecting >= MAX_CONNECTING) await new Promise<void>((resolve) => waiting.push(resolve));
    connecting++;
    try {
      return await connect({ ...address, ...protocol });
    } finally {
      connecting--;
      waiting.shift()?.();
    }
  }

  const memory = process.memoryUsage().rss;
  const visits = Array.from({ length: connections }, visit);
  const limit = Date.now() + 60_000;
  while (report.connections < connections * 0.95 && Date.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  print(report.connections);
  print({ ...report, memory });
  const timer = setInterval(printReport, 1000);
  setTimeout(() => isOver = true, seconds * 1000);
  await Promise.all(visits);
  clearInterval(timer);
}

if (import.meta.main) {
  const [side, ...rest] = process.argv.slice(2);
  await (side === "server" ? runServer() : runClient(rest));
  printReport();
  process.exit(0);
}
