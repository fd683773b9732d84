/**
 * The roles by this library, the same program on each runtime. Receivers use `"for await"` (or
 * `receive`, for one message), `"batches"` or `"visit"`; senders `"send"` or `"await send"`.
 *
 * @module
 */

import process from "node:process";
import { connect, type Connection, lengthPrefixed, serve, uint32 } from "../../mod.ts";
import { checkTally, MARK, payloadOf, SinkTally } from "./payload.ts";
import { Rally } from "./rally.ts";
import { play, type Role, type Run } from "./role.ts";

const protocol = { framer: lengthPrefixed(uint32) };
/** Number of messages that `"send"` sends before it waits. */
const BURST = 64;

function connectTo({ hostname, port }: Role): Promise<Connection> {
  return connect({ hostname, port: port!, ...protocol });
}

/** Receives all messages of a connection, and sends the replies. */
type Attend = (connection: Connection, visit: Visit) => Promise<void>;
/** Looks at a message in place, and returns the reply, if any. */
type Visit = (bytes: Uint8Array, start: number, end: number) => Uint8Array | undefined;

const receivers: Readonly<Record<string, Attend>> = {
  async "for await"(connection, visit) {
    for await (const message of connection) {
      const reply = visit(message, 0, message.length);
      if (reply !== undefined) await connection.send(reply);
    }
  },
  async batches(connection, visit) {
    for await (const batch of connection.batches()) {
      let ready: Promise<void> | undefined;
      for (const message of batch) {
        const reply = visit(message, 0, message.length);
        if (reply !== undefined) ready = connection.send(reply);
      }
      if (ready !== undefined) await ready;
    }
  },
  // A visitor cannot wait: only the number of messages in flight limits what it sends.
  visit: (connection, visit) =>
    connection.visit((bytes, start, end) => {
      const reply = visit(bytes, start, end);
      if (reply !== undefined) connection.send(reply);
    }),
};

/** Sends until the deadline. Returns the number of messages. */
async function send(
  connection: Connection,
  payload: Uint8Array,
  { api, deadline }: { readonly api: string; readonly deadline: number },
): Promise<number> {
  const burst = payload.length < 8192 ? BURST : 1;
  let messages = 0;
  while (performance.now() < deadline) {
    messages += burst;
    if (api === "await send") {
      for (let index = 0; index < burst; index++) await connection.send(payload);
    } else {
      let ready = Promise.resolve();
      for (let index = 0; index < burst; index++) ready = connection.send(payload);
      await ready;
    }
  }
  return messages;
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

await play({
  async serve({ name, api, hostname }) {
    const attend = receivers[api]!;
    const server = await serve({ hostname, port: 0, ...protocol }, (connection) => {
      const tally = new SinkTally();
      return attend(
        connection,
        name === "sink"
          ? (bytes, start, end) => tally.add(bytes, start, end)
          : (bytes, start, end) =>
            start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end),
      );
    });
    return server.address.port;
  },

  async pingPong(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const rally = new Rally(role.connections);
    const connections: Connection[] = [];
    for (let index = 0; index < role.connections; index++) {
      const connection = await connectTo(role);
      if (role.api === "visit") {
        connection.visit(() => {
          if (rally.again(index)) connection.send(payload);
        }).catch(fail);
      }
      connections.push(connection);
    }
    const exchange = async (connection: Connection, index: number) => {
      do {
        await connection.send(payload);
        await connection.receive();
      } while (rally.again(index));
    };
    return (milliseconds) =>
      rally.play(milliseconds, () => {
        if (role.api === "visit") {
          for (const connection of connections) connection.send(payload);
        } else connections.forEach((connection, index) => exchange(connection, index).catch(fail));
      });
  },

  async flood(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const connection = await connectTo(role);
    return async (milliseconds) => {
      const deadline = performance.now() + milliseconds;
      const messages = await send(connection, payload, { api: role.api, deadline });
      await connection.send(MARK);
      const answer = await connection.receive();
      checkTally(answer!, payload, messages);
      return { messages };
    };
  },

  async duplex(role): Promise<Run> {
    const payload = payloadOf(role.size);
    const connection = await connectTo(role);
    const api = role.api === "for await" ? "await send" : "send";
    let sent = Infinity;
    let received = 0;
    let finish = () => {};
    const visit: Visit = () => {
      if (++received === sent) finish();
      return undefined;
    };
    receivers[role.api]!(connection, visit).catch(fail);
    return async (milliseconds) => {
      sent = Infinity;
      received = 0;
      const finished = new Promise<void>((resolve) => finish = resolve);
      const deadline = performance.now() + milliseconds;
      sent = await send(connection, payload, { api, deadline });
      if (received < sent) await finished;
      return { messages: received };
    };
  },
});
