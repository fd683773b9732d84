import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { connect, type Connection, fixed, lengthPrefixed, lines, text, uint32 } from "../../mod.ts";
import { child } from "../support/child.ts";
import { pair } from "../support/connections.ts";
import { bounded, resolves, sleep } from "../support/limits.ts";
import { message, same } from "../support/messages.ts";
import { pattern, pythonServer } from "../support/python.ts";

const MIB = 1 << 20;

/** More than the library and the system, however it is tuned, buffer for one connection. */
const BOUND = 48 * MIB;

/** Python code that sends 1 GiB, and stops once nothing is accepted for a while. */
const FLOOD = `
    data = bytes(1 << 20)
    conn.setblocking(False)
    total = 0
    while total < 1 << 30:
        _, writable, _ = select.select([], [conn], [], scaled(0.5))
        if not writable:
            break
        total += conn.send(data)
    say(total)
    wait()
    done(True)
`;

for (
  const consumer of ["has received once", "reads a Web Stream", "iterates", "takes batches"]
) {
  const name = `Connection stops a peer that sends 1 GiB while the consumer sleeps: ${consumer}`;
  test(name, bounded, async () => {
    const peer = await pythonServer(FLOOD);
    // A separate process, since other tests use memory in this one.
    const sleeper = child("peer sleep", { port: peer.port, consumer });
    const before = await sleeper.next() as number;
    const total = await peer.said() as number;
    sleeper.go();
    const grown = await sleeper.next() as number - before;
    assert.ok(total < BOUND, `the peer could send ${total} bytes`);
    assert.ok(grown < 2 * BOUND, `memory has grown by ${grown} bytes`);
    peer.go();
    await peer.result;
    await sleeper.ended;
  });
}

test(
  "Connection.send() buffers little if awaited while the peer does not read, and loses nothing",
  bounded,
  async () => {
    const peer = await pythonServer(`
    wait()
    data = hashlib.sha1()
    total = 0
    while part := conn.recv(1 << 20):
        data.update(part)
        total += len(part)
    done([total, data.hexdigest()])
  `);
    const highWaterMark = 128 << 10;
    const connection = await connect({ port: peer.port, framer: fixed(10_000), highWaterMark });
    const hash = createHash("sha1");
    let sent = 0;
    for (let accepted = true; accepted && sent < BOUND;) {
      const frame = new Uint8Array(10_000).fill(sent / 10_000);
      hash.update(frame);
      accepted = await resolves(connection.send(frame), 300);
      sent += frame.length;
      assert.ok(
        connection.pending < highWaterMark + frame.length,
        `${connection.pending} bytes are pending`,
      );
    }
    assert.ok(sent < BOUND, `${sent} bytes were accepted`);
    assert.ok(connection.pending >= highWaterMark, `${connection.pending} bytes are pending`);
    peer.go();
    await connection.close();
    assert.deepEqual(await peer.result, [sent, hash.digest("hex")]);
  },
);

test("Connection.send() waits once highWaterMark is reached, and no sooner", bounded, async () => {
  const peer = await pythonServer(`
    wait()
    done(len(to_end(conn)))
  `);
  const highWaterMark = 2 * MIB;
  const connection = await connect({ port: peer.port, framer: fixed(100_000), highWaterMark });
  let sent = 0;
  do {
    await connection.send(new Uint8Array(100_000));
    sent += 100_000;
  } while (await resolves(connection.flush(), 300));
  // The system accepts no more.
  while (connection.pending + 100_000 < highWaterMark) {
    await connection.send(new Uint8Array(100_000));
    sent += 100_000;
  }
  const over = connection.send(new Uint8Array(100_000));
  const further = connection.send(new Uint8Array(100_000));
  assert.equal(await resolves(over, 300), false);
  peer.go();
  await Promise.all([over, further]);
  assert.ok(connection.pending < highWaterMark);
  await connection.close();
  assert.equal(await peer.result, sent + 200_000);
});

test(
  "Connection stops a peer at highWaterMark unread bytes, and continues from there",
  bounded,
  async () => {
    const sizes: Record<number, number> = {};
    for (const highWaterMark of [1, 16 * MIB]) {
      const peer = await pythonServer(FLOOD);
      const connection = await connect({ port: peer.port, framer: fixed(MIB), highWaterMark });
      assert.equal((await connection.receive())?.length, MIB);
      sizes[highWaterMark] = await peer.said() as number;
      for (let count = 1; count <= 3; count++) {
        assert.equal((await connection.receive())?.length, MIB);
      }
      connection.abort();
      peer.go();
      await peer.result;
    }
    for (const size of Object.values(sizes)) assert.ok(size < BOUND + 16 * MIB, `${size}`);
  },
);

test(
  "Connection.send() keeps the order of each of many senders, and never interleaves messages",
  bounded,
  async () => {
    const [client, server] = await pair({ framer: lengthPrefixed(uint32) });
    const senders = 20;
    const each = 50;
    const sender = async (number: number) => {
      for (let count = 0; count < each; count++) {
        const maxLength = count % 10 === 9 ? 200_000 : 500;
        const sent = client.send(message(number * each + count, maxLength));
        if ((number + count) % 3 !== 0) await sent;
        if (count % 7 === 0) await sleep(1);
      }
    };
    const sending = Promise.all(Array.from({ length: senders }, (_, number) => sender(number)))
      .then(() => client.close());
    const next = new Array<number>(senders).fill(0);
    for await (const received of server) {
      const number = new DataView(received.buffer, received.byteOffset).getUint32(0);
      const [from, count] = [Math.floor(number / each), number % each];
      assert.equal(count, next[from]!++);
      assert.ok(same(received, message(number, count % 10 === 9 ? 200_000 : 500)), `${number}`);
    }
    assert.deepEqual(next, new Array(senders).fill(each));
    await server.close();
    await sending;
  },
);

test(
  "Connection exchanges 32 MiB in both directions at once",
  bounded,
  async () => {
    const [client, server] = await pair({
      framer: lengthPrefixed(uint32),
      maxFrameLength: Infinity,
    });
    const large = pattern(32 * MIB);
    const exchange = async (connection: Connection) => {
      const [, received] = await Promise.all([connection.send(large), connection.receive()]);
      return received;
    };
    const received = await Promise.all([exchange(client), exchange(server)]);
    for (const one of received) assert.ok(same(one, large));
    await Promise.all([client.close(), server.close()]);
  },
);

test(
  "Connection.send() has copied a small message when it returns; a large one is free once flushed",
  bounded,
  async () => {
    const [client, server] = await pair({
      framer: lengthPrefixed(uint32),
      maxFrameLength: Infinity,
    });
    const small = pattern(1000);
    void client.send(small);
    small.fill(0);
    assert.ok(same(await server.receive(), pattern(1000)));
    const large = pattern(16 * MIB);
    void client.send(large);
    const flushed = client.flush().then(() => large.fill(0));
    assert.ok(same(await server.receive(), pattern(16 * MIB)));
    await flushed;
    await Promise.all([client.close(), server.close()]);
  },
);

test(
  "Connection.receive() returns bytes that are never overwritten",
  bounded,
  async () => {
    const [client, server] = await pair({ framer: lengthPrefixed(uint32) });
    const count = 600;
    const kept: Uint8Array[] = [];
    const receiving = (async () => {
      for await (const received of server) kept.push(received);
    })();
    for (let number = 0; number < count; number++) await client.send(message(number, 20_000));
    const closing = client.close();
    await receiving;
    assert.equal(kept.length, count);
    for (const [number, frame] of kept.entries()) {
      assert.ok(same(frame, message(number, 20_000)), `${number}`);
      assert.equal(frame.constructor, Uint8Array);
      // A Buffer's slice would be a view.
      frame.slice().fill(0);
    }
    assert.ok(same(kept[0], message(0, 20_000)));
    await server.close();
    await closing;
  },
);

test(
  "Connection.send() delivers 100,000 messages sent in one turn, in order",
  bounded,
  async () => {
    const [client, server] = await pair({ framer: lines(), codec: text() });
    const count = 100_000;
    for (let number = 0; number < count; number++) void client.send(`line ${number}`);
    const closing = client.close();
    let number = 0;
    for await (const line of server) assert.equal(line, `line ${number++}`);
    assert.equal(number, count);
    await server.close();
    await closing;
  },
);
