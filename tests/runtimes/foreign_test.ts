import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  type Connection,
  delimited,
  lengthPrefixed,
  lines,
  listen,
  text,
  uint32,
} from "../../mod.ts";
import { erlangClient, erlangServer } from "../support/erlang.ts";
import { bounded } from "../support/limits.ts";
import { message, same } from "../support/messages.ts";
import { needing, Program } from "../support/programs.ts";
import { type PythonPeer, pythonProcess } from "../support/python.ts";

const COUNT = 3000;
const frames = { framer: lengthPrefixed(uint32) };
const crlf = { framer: delimited("\r\n"), codec: text() };

/** Returns one of the messages that the foreign peers send and expect. */
function foreignMessage(number: number): Uint8Array {
  const message = new Uint8Array(4 + number * 7919 % 3001).fill(number % 251);
  new DataView(message.buffer).setUint32(0, number);
  return message;
}

/** Sends all messages, and receives the same ones from the peer, concurrently. */
async function exchange(connection: Connection, finishes: boolean = true): Promise<void> {
  const sending = (async () => {
    for (let number = 0; number < COUNT; number++) await connection.send(foreignMessage(number));
    if (finishes) await connection.closeWrite();
  })();
  let count = 0;
  for await (const message of connection) {
    assert.ok(same(message, foreignMessage(count)), `message ${count}`);
    count++;
  }
  assert.equal(count, COUNT);
  await sending;
  await connection.close();
}

// Erlang stops sending once the other side has finished, so that side receives everything first.
test(
  ...needing(["escript"], "lengthPrefixed(uint32) exchanges messages with Erlang's server"),
  async () => {
    const peer = erlangServer(COUNT);
    const port = Number(await peer.line());
    await exchange(await connect({ port, ...frames }), false);
    assert.equal(await peer.line(), "done");
    assert.equal(await peer.ended, 0);
  },
);

test(
  ...needing(["escript"], "lengthPrefixed(uint32) exchanges messages with Erlang's client"),
  async () => {
    const listener = await listen(frames);
    const peer = erlangClient(listener.address.port, COUNT);
    const connection = await listener.accept();
    listener.close();
    await exchange(connection!, false);
    assert.equal(await peer.line(), "done");
    assert.equal(await peer.ended, 0);
  },
);

/** Starts a peer with Python's asyncio that runs the coroutine `talk`: a client of `port`, or a server. */
function asyncio(talk: string, port?: number): Promise<PythonPeer> {
  return pythonProcess(`
    import asyncio

    COUNT = ${COUNT}

    def message(number):
        return struct.pack(">I", number) + bytes([number % 251]) * (number * 7919 % 3001)

    async def frames(reader, writer):
        async def send():
            for number in range(COUNT):
                packed = message(number)
                writer.write(struct.pack(">I", len(packed)) + packed)
                await writer.drain()
            writer.write_eof()
        sending = asyncio.ensure_future(send())
        for number in range(COUNT):
            length, = struct.unpack(">I", await reader.readexactly(4))
            if await reader.readexactly(length) != message(number):
                raise RuntimeError("message %d is corrupt" % number)
        await sending

    async def lines(reader, writer):
        for number in range(COUNT):
            writer.write(b"line %d\\r\\n" % number)
            if await reader.readuntil(b"\\r\\n") != b"echo %d\\r\\n" % number:
                raise RuntimeError("line %d is corrupt" % number)
        writer.write_eof()

    async def talk(reader, writer):
        await ${talk}(reader, writer)
        done([(await reader.read()).decode(), COUNT])

    async def served(reader, writer):
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            over.set()

    async def main():
        global over
        over = asyncio.Event()
        port = ${port ?? 0}
        if port == 0:
            server = await asyncio.start_server(served, "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1], flush=True)
            await over.wait()
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            print(port, flush=True)
            await talk(reader, writer)
            writer.close()

    asyncio.run(main())
  `);
}

/** Echoes the peer's lines. */
async function echo(connection: Connection<string>): Promise<void> {
  let count = 0;
  for await (const line of connection) {
    assert.equal(line, `line ${count++}`);
    await connection.send(line.replace("line", "echo"));
  }
  assert.equal(count, COUNT);
  await connection.close();
}

test(
  "lengthPrefixed() exchanges messages with Python's readexactly() in a server",
  bounded,
  async () => {
    const peer = await asyncio("frames");
    await exchange(await connect({ port: peer.port, ...frames }));
    assert.deepEqual(await peer.result, ["", COUNT]);
  },
);

test(
  "lengthPrefixed() exchanges messages with Python's readexactly() in a client",
  bounded,
  async () => {
    const listener = await listen(frames);
    const peer = await asyncio("frames", listener.address.port);
    const connection = await listener.accept();
    listener.close();
    await exchange(connection!);
    assert.deepEqual(await peer.result, ["", COUNT]);
  },
);

test("delimited() exchanges messages with Python's readuntil() in a server", bounded, async () => {
  const peer = await asyncio("lines");
  await echo(await connect({ port: peer.port, ...crlf }));
  assert.deepEqual(await peer.result, ["", COUNT]);
});

test("delimited() exchanges messages with Python's readuntil() in a client", bounded, async () => {
  const listener = await listen(crlf);
  const peer = await asyncio("lines", listener.address.port);
  const connection = await listener.accept();
  listener.close();
  await echo(connection!);
  assert.deepEqual(await peer.result, ["", COUNT]);
});

test(...needing(["socat"], "connect() receives its messages back from socat"), async () => {
  const program = new Program("socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "EXEC:cat");
  const [, port] = await program.told(/listening on AF=2 127\.0\.0\.1:(\d+)/);
  const connection = await connect({ port: Number(port), ...frames });
  await exchange(connection);
  assert.equal(await connection.closed, "local");
  assert.equal(await program.ended, 0);
});

test(...needing(["socat"], "listen() serves socat, including its half-close"), async () => {
  const listener = await listen({ framer: lines(), codec: text() });
  const program = new Program("socat", "-t20", "-", `TCP:127.0.0.1:${listener.address.port}`);
  const connection = await listener.accept();
  listener.close();
  const sent = Array.from({ length: COUNT }, (_, number) => `line ${number}`);
  program.write(`${sent.join("\n")}\n`);
  program.end();
  const received: string[] = [];
  for await (const line of connection!) received.push(line);
  assert.deepEqual(received, sent);
  for (const line of received) void connection!.send(line);
  await connection!.close();
  assert.equal(new TextDecoder().decode(await program.rest()), `${sent.join("\n")}\n`);
  assert.equal(await program.ended, 0);
});

test(...needing(["socat"], "connect() and listen() communicate through socat"), async () => {
  const listener = await listen(frames);
  const { port } = listener.address;
  const program = new Program(
    ..."socat -d -d -b 37 TCP-LISTEN:0,bind=127.0.0.1".split(" "),
    `TCP:127.0.0.1:${port}`,
  );
  const [, between] = await program.told(/listening on AF=2 127\.0\.0\.1:(\d+)/);
  const client = await connect({ port: Number(between), ...frames });
  const server = await listener.accept();
  listener.close();
  const talk = async (connection: Connection) => {
    const sending = (async () => {
      for (let number = 0; number < 200; number++) await connection.send(message(number));
      await connection.closeWrite();
    })();
    let count = 0;
    for await (const each of connection) assert.ok(same(each, message(count++)));
    assert.equal(count, 200);
    await sending;
  };
  await Promise.all([talk(client), talk(server!)]);
  assert.equal(await program.ended, 0);
});
