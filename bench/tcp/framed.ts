/**
 * The same roles by this library, the same program on each runtime. Its faces: `"for await"` with
 * `send` (and `receive`, where one message is waited for), `"batches"`, `"visit"`; a sender `"awaits"`
 * each message or `"lets go"`.
 *
 * @module
 */

import process from "node:process";
import { connect, type Connection, lengthPrefixed, serve, uint32 } from "../../mod.ts";
import { checkTally, MARK, payloadOf, SinkTally, toil } from "./payload.ts";
import { Rally } from "./rally.ts";
import { play, type Program, type Role, type Run } from "./role.ts";

const protocol = { framer: lengthPrefixed(uint32) };
/** So many messages are let go at once. */
const BURST = 64;

function connectTo({ hostname, port }: Role): Promise<Connection> {
  return connect({ hostname, port: port!, ...protocol });
}

/** What a server does with the frames of one connection. */
type Attend = (connection: Connection, visit: Visit) => Promise<void>;
/** Looks at a message where it lies, and says what is to be sent. */
type Visit = (bytes: Uint8Array, start: number, end: number) => Uint8Array | undefined;

const faces: Readonly<Record<string, Attend>> = {
  async "for await"(connection, visit) {
    for await (const message of connection) {
      const reply = visit(message, 0, message.length);
      if (reply !== undefined) await connection.send(reply);
    }
  },
  async batches(connection, visit) {
    for await (const batch of connection.batches()) {
      let welcome: Promise<void> | undefined;
      for (const message of batch) {
        const reply = visit(message, 0, message.length);
        if (reply !== undefined) welcome = connection.send(reply);
      }
      if (welcome !== undefined) await welcome;
    }
  },
  // A visitor cannot wait: what it sends is bounded only by what its peer lets be under way.
  visit: (connection, visit) =>
    connection.visit((bytes, start, end) => {
      const reply = visit(bytes, start, end);
      if (reply !== undefined) connection.send(reply);
    }),
};

const program: Program = {
  async serve({ name, face, hostname, port = 0, reusePort = false, toil: times = 0 }) {
    const attend = faces[face]!;
    const server = await serve({ hostname, port, reusePort, ...protocol }, (connection) => {
      const tally = new SinkTally();
      const visit: Visit = name === "sink"
        ? (bytes, start, end) => tally.add(bytes, start, end)
        : (bytes, start, end) => {
          toil(bytes, start, end, times);
          return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
        };
      return attend(connection, visit);
    });
    return server.address.port;
  },

  async pingPong(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const rally = new Rally(role.connections);
    const connections: Connection[] = [];
    for (let index = 0; index < role.connections; index++) {
      const connection = await connectTo(role);
      if (role.face === "visit") {
        connection.visit(() => {
          if (rally.again(index)) connection.send(payload);
        }).catch(report);
      }
      connections.push(connection);
    }
    const one = async (connection: Connection, index: number) => {
      do {
        await connection.send(payload);
        await connection.receive();
      } while (rally.again(index));
    };
    return (milliseconds) =>
      rally.play(milliseconds, () => {
        if (role.face === "visit") {
          for (const connection of connections) connection.send(payload);
        } else connections.forEach((connection, index) => one(connection, index).catch(report));
      });
  },

  async flood(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const connection = await connectTo(role);
    return async (milliseconds) => {
      const deadline = performance.now() + milliseconds;
      const messages = await send(connection, payload, role.face, deadline);
      await connection.send(MARK);
      const answer = await connection.receive();
      checkTally(answer!, payload, messages);
      return { messages };
    };
  },

  async duplex(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const connection = await connectTo(role);
    let sent = Infinity;
    let received = 0;
    let over = () => {};
    const visit: Visit = () => {
      if (++received === sent) over();
      return undefined;
    };
    faces[role.face]!(connection, visit).catch(report);
    return async (milliseconds) => {
      sent = Infinity;
      received = 0;
      const deadline = performance.now() + milliseconds;
      const face = role.face === "for await" ? "awaits" : "lets go";
      sent = await send(connection, payload, face, deadline);
      if (received < sent) await new Promise<void>((resolve) => over = resolve);
      over = () => {};
      return { messages: received };
    };
  },
};

/** Sends until the time is over. Returns how many messages. */
async function send(
  connection: Connection,
  payload: Uint8Array,
  face: string,
  deadline: number,
): Promise<number> {
  const burst = payload.length < 8192 ? BURST : 1;
  let messages = 0;
  while (performance.now() < deadline) {
    messages += burst;
    if (face === "awaits") {
      for (let index = 0; index < burst; index++) await connection.send(payload);
    } else {
      let welcome = Promise.resolve();
      for (let index = 0; index < burst; index++) welcome = connection.send(payload);
      await welcome;
    }
  }
  return messages;
}

function report(error: unknown): never {
  console.error(error);
  process.exit(1);
}

await play(program);
