/** The clients of the soak test: so many at any time, each of which comes, talks for a while, and goes. */

import process from "node:process";
import { connect, type Connection, lengthPrefixed, uint32 } from "../../mod.ts";
import { makeMessage, readMessage } from "./payload.ts";
import { counters, note, tell, tellReport, told } from "./report.ts";

/** So many may be connecting at once. */
const MOST_CONNECTING = 50;

/**
 * Milliseconds that a visitor thinks at most: so many talk at once that a process which is kept busy by
 * those who are here already would hardly let anybody in.
 */
const MOST_THINKING = 8_000;

const { addresses, connections, seconds } = JSON.parse(process.argv.at(-1)!) as {
  addresses: readonly { hostname: string; port: number }[];
  connections: number;
  seconds: number;
};
const protocol = { framer: lengthPrefixed(uint32), maxFrameLength: 8192 };
const report = counters();
let over = false;
let ids = 0;

let connecting = 0;
const queue: (() => void)[] = [];
async function enter(id: number): Promise<Connection> {
  if (connecting >= MOST_CONNECTING) await new Promise<void>((resolve) => queue.push(resolve));
  connecting++;
  try {
    return await connect({ ...addresses[id % addresses.length]!, ...protocol });
  } finally {
    connecting--;
    queue.shift()?.();
  }
}

/** Talks until it has said what it wanted to, or the time is over. */
async function talk(id: number, messages: number): Promise<void> {
  const connection = await enter(id);
  report.connections++;
  report.opened++;
  try {
    for (let sequence = 0; sequence < messages && !over; sequence++) {
      await roundTrip(connection, id, sequence);
    }
    await connection.close();
  } finally {
    report.connections--;
    connection.abort();
  }
}

async function roundTrip(connection: Connection, id: number, sequence: number): Promise<void> {
  await connection.send(makeMessage(id, sequence));
  const reply = await connection.receive();
  if (reply === undefined) throw new Error(`connection ${id} has ended`);
  const header = readMessage(reply);
  if (header.connection !== id || header.sequence !== sequence) {
    throw new Error(`connection ${id} was sent message ${header.sequence} of another`);
  }
  report.messages++;
  report.bytes += reply.length;
  await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_THINKING));
}

async function visitor(first: boolean): Promise<void> {
  while (!over) {
    const id = ids++;
    // Those who come first go at different times, so that afterwards there is always somebody going.
    const messages = first ? 2 + id % 10 : 6 + id % 8;
    first = false;
    await talk(id, messages).catch((error) => note(report, error));
  }
}

tellReport("now", report);
const visitors = Array.from({ length: connections }, () => visitor(true));
const timer = setInterval(() => tellReport("now", report), 1000);
const allHere = setInterval(() => {
  if (report.connections < connections * 0.95) return;
  clearInterval(allHere);
  tell("ready", report.connections);
  setTimeout(() => over = true, seconds * 1000);
}, 100);
// However it goes, it comes to an end.
setTimeout(() => over = true, (seconds + 60) * 1000).unref?.();
await Promise.all(visitors);
clearInterval(allHere);
clearInterval(timer);
tellReport("done", report);
await told();
process.exit(0);
