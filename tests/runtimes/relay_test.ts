import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { connect, Connection, fixed } from "../../mod.ts";
import { bounded } from "../support/limits.ts";
import { pattern, pythonListener, type PythonPeer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { trusting } from "../support/tls.ts";

const COUNT = 10_000;
const LENGTH = 150;
const HIGH_WATER_MARK = 65_536;
const stream = pattern(COUNT * LENGTH);

/** The high-water mark, a message, and one block of memory that the encoder fills before it writes. */
const MAX_PENDING = HIGH_WATER_MARK + LENGTH + 65_536;

type Each = (send: (message: Uint8Array) => void) => Promise<void>;

/** Ways to loop over the messages of a connection, without waiting for the sends. */
const loops: Record<string, (source: Connection) => Each> = {
  "for await": (source) => async (send) => {
    for await (const message of source) send(message);
  },
  "receive()": (source) => async (send) => {
    for (let message; (message = await source.receive()) !== undefined;) send(message);
  },
  "batches()": (source) => async (send) => {
    for await (const batch of source.batches()) batch.forEach(send);
  },
  "visit()": (source) => (send) =>
    source.visit((bytes, start, end) => send(bytes.slice(start, end))),
  "readable": (source) => async (send) => {
    const reader = source.readable.getReader();
    for (let read; !(read = await reader.read()).done;) send(read.value);
  },
};

/** Connections to peers that read continuously and could accept everything at once. */
const clients: Record<string, () => Promise<[Connection, Promise<unknown>]>> = {
  async TCP() {
    const peer = await pythonListener(`conn = accept()\n${READS}`);
    return [await connect({ port: peer.port, framer: fixed(LENGTH) }), peer.result];
  },
  async TLS() {
    const peer = await pythonListener(withTls(`conn = tls_server(accept())\n${READS}`));
    const options = { port: peer.port, tls: trusting, framer: fixed(LENGTH) };
    return [await connect(options), peer.result];
  },
};

const READS = `
data = to_end(conn)
done([len(data), hashlib.sha1(data).hexdigest()])
`;

for (const [way, meet] of Object.entries(clients)) {
  for (const [face, loop] of Object.entries(loops)) {
    test(
      `Connection.send() flushes during a loop over buffered messages, over ${way}, by ${face}`,
      bounded,
      async () => {
        const [client, received] = await meet();
        let maxPending = 0;
        await loop(buffered())((message) => {
          void client.send(message);
          maxPending = Math.max(maxPending, client.pending);
        });
        await client.close();
        const hash = createHash("sha1").update(stream).digest("hex");
        assert.deepEqual(await received, [stream.length, hash]);
        // A write through node:tls takes several turns of the event loop.
        const limit = way === "TLS" ? 4 * MAX_PENDING : MAX_PENDING;
        assert.ok(maxPending <= limit, `${maxPending} bytes were pending`);
      },
    );
  }
}

// A write to a pair takes several microtasks: loops that take everything at once run none of them.
const single = Object.entries(loops).filter(([face]) => !["batches()", "visit()"].includes(face));

for (const [face, loop] of single) {
  test(
    `Connection.send() flushes during a loop over buffered messages, over a pair, by ${face}`,
    bounded,
    async () => {
      let end = () => {};
      let accepted = 0;
      const readable = new ReadableStream<Uint8Array>({
        start: (controller) => void (end = () => controller.close()),
      });
      const writable = new WritableStream<Uint8Array>({
        write: (chunk) => void (accepted += chunk.length),
        close: () => end(),
      });
      const client = new Connection({ readable, writable }, { framer: fixed(LENGTH) });
      let maxPending = 0;
      await loop(buffered())((message) => {
        void client.send(message);
        maxPending = Math.max(maxPending, client.pending);
      });
      await client.close();
      assert.equal(accepted, stream.length);
      assert.ok(maxPending <= MAX_PENDING, `${maxPending} bytes were pending`);
    },
  );
}

test(
  "Connection.send() to many clients flushes during a loop over buffered messages",
  bounded,
  async () => {
    const peer: PythonPeer = await pythonListener(`
      conns = [accept() for _ in range(4)]
      threads = [threading.Thread(target=to_end, args=(conn,)) for conn in conns]
      for thread in threads: thread.start()
      for thread in threads: thread.join()
      for conn in conns: conn.close()
      done(True)
    `);
    const options = { port: peer.port, framer: fixed(LENGTH) };
    const all = await Promise.all([1, 2, 3, 4].map(() => connect(options)));
    let maxPending = 0;
    for await (const message of buffered()) {
      for (const client of all) {
        void client.send(message);
        maxPending = Math.max(maxPending, client.pending);
      }
    }
    await Promise.all(all.map((client) => client.close()));
    assert.equal(await peer.result, true);
    assert.ok(maxPending <= MAX_PENDING, `${maxPending} bytes were pending`);
  },
);

/** Returns a connection that has buffered 10,000 messages, in chunks as from a socket, and the end. */
function buffered(): Connection {
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < stream.length; at += 65_536) {
        controller.enqueue(stream.slice(at, at + 65_536));
      }
      controller.close();
    },
  });
  const pair = { readable, writable: new WritableStream<Uint8Array>() };
  return new Connection(pair, { framer: fixed(LENGTH), highWaterMark: stream.length });
}
