import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, json, lengthPrefixed, Requester, serve, uint32 } from "../../mod.ts";
import { bounded } from "../support/limits.ts";
import { pythonServer } from "../support/python.ts";

interface Message {
  readonly id: number;
  readonly text?: string;
}

const protocol = { framer: lengthPrefixed(uint32), codec: json<Message>() };
const byId = ({ id }: Message) => id;

test(
  "Requester matches thousands of requests with replies that arrive out of order",
  bounded,
  async () => {
    const peer = await pythonServer(`
    import random
    random.seed(7)
    waiting = []
    for count in range(3000):
        length = struct.unpack(">I", exactly(conn, 4))[0]
        waiting.append(exactly(conn, length).replace(b'"?"', b'"!"'))
        random.shuffle(waiting)
        if len(waiting) > 20 or count >= 2980:
            body = waiting.pop()
            conn.sendall(struct.pack(">I", len(body)) + body)
    for body in waiting:
        conn.sendall(struct.pack(">I", len(body)) + body)
    done(len(to_end(conn)))
  `);
    const connection = await connect({ port: peer.port, ...protocol });
    const requester = new Requester(connection, { match: byId });
    const replies = await Promise.all(
      Array.from({ length: 3000 }, (_, id) => requester.request({ id, text: "?" })),
    );
    assert.deepEqual(replies, Array.from({ length: 3000 }, (_, id) => ({ id, text: "!" })));
    await connection.close();
    assert.equal(await peer.result, 0);
  },
);

test(
  "Requester discards a late reply instead of giving it to another request",
  bounded,
  async () => {
    const pending: (() => Promise<void>)[] = [];
    const server = await serve(protocol, async (connection) => {
      for await (const { id } of connection) {
        // Every second reply is sent only after the next request has arrived.
        if (id % 2 === 0) pending.push(() => connection.send({ id, text: `late ${id}` }));
        else {
          for (const send of pending.splice(0)) await send();
          await connection.send({ id, text: `in time ${id}` });
        }
      }
    });
    const connection = await connect({ ...server.address, ...protocol });
    const requester = new Requester(connection);
    for (let id = 0; id < 200; id += 2) {
      const controller = new AbortController();
      const late = requester.request({ id }, { signal: controller.signal });
      controller.abort();
      await assert.rejects(late, { name: "AbortError" });
      const reply = await requester.request({ id: id + 1 });
      assert.deepEqual(reply, { id: id + 1, text: `in time ${id + 1}` });
    }
    await connection.close();
    await server.close();
  },
);

test("Requester rejects all pending requests when the peer resets", bounded, async () => {
  const peer = await pythonServer(`
    exactly(conn, 40)
    reset(conn)
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...protocol });
  const requester = new Requester(connection, { match: byId });
  const waiting = Array.from(
    { length: 20 },
    (_, id) => requester.request({ id }).catch(({ code }) => code),
  );
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(["reset"]));
  await assert.rejects(requester.request({ id: 99 }), { code: "reset" });
  await connection.close();
  await peer.result;
});
