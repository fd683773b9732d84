/** Protocols whose messages depend on earlier ones of the same connection. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  compose,
  connect,
  lines,
  type Protocol,
  serve,
  stateful,
  text,
} from "../../mod.ts";
import { http1 } from "../../protocols.ts";
import { bytes } from "../support/bytes.ts";
import { bounded, sleep } from "../support/limits.ts";

/** Lines that are numbered when they are written, and without their number when they are read. */
function numberedLines(): Protocol<string> {
  return stateful(() => {
    let [read, written] = [0, 0];
    const { decode, encode } = text();
    const codec: Codec<Uint8Array, string> = {
      decode: (frame) => decode(frame).replace(`${++read} `, ""),
      encode: (line) => encode(`${++written} ${line}`),
    };
    return { framer: lines(), codec };
  });
}

test(
  "stateful() gives each connection of serve(), connect() and switchTo() its own state",
  bounded,
  async () => {
    const numbered = numberedLines();
    const server = await serve(numbered, async (connection) => {
      for await (const line of connection) await connection.send(`${line}!`);
    });
    const clients = await Promise.all(
      [1, 2, 3].map(() => connect({ ...server.address, ...numbered })),
    );
    for (const text of ["one", "two"]) {
      for (const client of clients) {
        await client.send(text);
        assert.equal(await client.receive(), `${text}!`);
      }
    }
    assert.equal(server.broadcast("skipped: each connection has another codec"), 0);
    const [first] = clients;
    const raw = first!.switchTo({ framer: lines(), codec: text() });
    await raw.send("3 three");
    assert.equal(await raw.receive(), "3 three!");
    const again = raw.switchTo(numbered);
    await again.send("one");
    // The server has counted all four; its answer is read by a connection that counts anew.
    assert.equal(await again.receive(), "4 one!");
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  },
);

test(
  "stateful() keeps other limits, and a codec around its own shares the state",
  bounded,
  async () => {
    const numbered = numberedLines();
    const limited = { ...numbered, maxFrameLength: 5 };
    const server = await serve(limited, async (connection) => {
      for await (const line of connection) await connection.send(line);
    });
    for (let count = 0; count < 2; count++) {
      const client = await connect({ ...server.address, ...limited });
      await client.send("abc");
      assert.equal(await client.receive(), "abc");
      await assert.rejects(async () => await client.send("abcd"), RangeError);
      await client.close();
    }
    const upper = { decode: (line: string) => line, encode: (line: string) => line.toUpperCase() };
    const composed = { ...numbered, codec: compose(numbered.codec, upper) };
    const received: string[] = [];
    const other = await serve({ framer: lines(), codec: text() }, async (connection) => {
      for await (const line of connection) received.push(line);
    });
    for (const line of ["a", "b"]) {
      const client = await connect({ ...other.address, ...composed });
      await client.send(line);
      await client.close();
    }
    assert.deepEqual(received, ["1 A", "2 B"]);
    await other.close();
    await server.close();
  },
);

test(
  "http1() answers HEAD and GET of two connections of serve(), in any order",
  bounded,
  async () => {
    const waiting: (() => void)[] = [];
    const server = await serve(http1({ side: "server" }), async (connection) => {
      for await (const { method } of connection) {
        if (method === "HEAD") await new Promise<void>((resolve) => waiting.push(resolve));
        await connection.send({ status: 200, body: bytes("body") });
      }
    });
    const client = () => connect({ ...server.address, ...http1() });
    const [head, get] = [await client(), await client()];
    await head.send({ method: "HEAD", target: "/" });
    while (waiting.length === 0) await sleep(5);
    await get.send({ method: "GET", target: "/" });
    assert.deepEqual((await get.receive())!.body, bytes("body"));
    waiting[0]!();
    const { body, headers } = (await head.receive())!;
    assert.equal(body.length, 0);
    assert.deepEqual(headers, [["Content-Length", "4"]]);
    await Promise.all([head.close(), get.close()]);
    await server.close();
  },
);
