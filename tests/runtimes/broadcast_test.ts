import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BroadcastOptions,
  connect,
  type Connection,
  type FrameEvent,
  lengthPrefixed,
  lines,
  serve,
  type ServeOptions,
  type Server,
  text,
  uint32,
} from "../../mod.ts";
import { closeAll, textLines } from "../support/connections.ts";
import { bounded, within } from "../support/limits.ts";
import { pythonProcess } from "../support/python.ts";

const protocol = { framer: lengthPrefixed(uint32), codec: text() };

/** A room of a server, whose guests say their names first. */
class Room {
  readonly guests: Map<string, Connection<string>> = new Map();
  server!: Server<string>;
  #arrived = () => {};

  static async open(options: ServeOptions = {}): Promise<Room> {
    const room = new Room();
    room.server = await serve({ ...protocol, ...options }, async (guest) => {
      room.guests.set(await guest.receive() ?? "", guest);
      room.#arrived();
      for await (const _ of guest);
    });
    return room;
  }

  /** Waits for a number of guests. */
  async has(count: number): Promise<void> {
    while (this.guests.size < count) {
      await new Promise<void>((resolve) => this.#arrived = resolve);
    }
  }

  async enter(name: string): Promise<Connection<string>> {
    const guest = await connect({ ...this.server.address, ...protocol });
    await guest.send(name);
    return guest;
  }
}

/** Starts a Python process with clients that never read. */
function deafClients(port: number, count: number) {
  return pythonProcess(`
    conns = []
    for number in range(${count}):
        conn = socket.socket()
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.connect(("127.0.0.1", ${port}))
        name = b"deaf %d" % number
        conn.sendall(struct.pack(">I", len(name)) + name)
        conns.append(conn)
    print(${port}, flush=True)
    wait()
  `);
}

test(
  "Server.broadcast() reaches 180 clients while 20 others never read, whose pending bytes are bounded",
  within(60_000),
  async () => {
    const maxPending = 32_768;
    const length = 16_384;
    const room = await Room.open({ highWaterMark: maxPending });
    const { server, guests } = room;
    const deaf = await deafClients(server.address.port, 20);
    const readers = await Promise.all(
      Array.from({ length: 180 }, (_, number) => room.enter(`reader ${number}`)),
    );
    await room.has(200);
    const deafGuests = [...guests].filter(([name]) => name.startsWith("deaf"))
      .map(([, guest]) => guest);
    const slow = new Set<Connection<string>>();
    let skipped = 0;
    let reports = 0;
    const onSlow = (guest: Connection<string>) => {
      slow.add(guest);
      reports++;
    };
    let rounds = 0;
    // Once all 20 are slow, a megabyte more for each must change nothing.
    for (let after = 0; after < 64; rounds++) {
      assert.ok(rounds < 2_000);
      const line = `${rounds} ${"x".repeat(length)}`.slice(0, length);
      skipped += 200 - server.broadcast(line, { onSlow });
      assert.deepEqual(
        new Set(await Promise.all(readers.map((reader) => reader.receive()))),
        new Set([line]),
      );
      for (const guest of deafGuests) assert.ok(guest.pending < maxPending + length + 4);
      if (slow.size === 20) after++;
    }
    assert.equal(reports, skipped);
    assert.deepEqual(slow, new Set(deafGuests));

    // They can be dropped.
    server.broadcast("drop", { maxPending, onSlow: (guest) => guest.abort() });
    const reasons = await Promise.all(deafGuests.map(({ closed }) => closed));
    assert.deepEqual(new Set(reasons), new Set(["aborted"]));
    await Promise.all(readers.map((reader) => reader.receive()));
    assert.equal(server.broadcast("end"), 180);
    for (const reader of readers) assert.equal(await reader.receive(), "end");
    deaf.kill();
    await closeAll(server, ...readers);
  },
);

test("Server.broadcast() leaves a connection out from maxPending on", bounded, async () => {
  const room = await Room.open();
  const { server, guests } = room;
  const [ada, grace] = [await room.enter("Ada"), await room.enter("Grace")];
  await room.has(2);
  // What is sent in this turn is pending.
  void guests.get("Ada")!.send("x".repeat(96));
  const slow: unknown[] = [];
  const onSlow = (guest: unknown) => void slow.push(guest);
  assert.equal(server.broadcast("one", { onSlow, maxPending: 101 }), 2);
  assert.equal(server.broadcast("two", { onSlow, maxPending: 107 }), 1);
  assert.equal(server.broadcast("three", { onSlow }), 2);
  await Promise.resolve();
  assert.deepEqual(slow, [guests.get("Ada")]);
  for (const line of ["x".repeat(96), "one", "three"]) assert.equal(await ada.receive(), line);
  for (const line of ["one", "two", "three"]) assert.equal(await grace.receive(), line);
  await closeAll(server, ada, grace);
});

test("Server.broadcast() skips exceptions, closed ones and other protocols", bounded, async () => {
  const errors: unknown[] = [];
  const room = await Room.open({ onError: (error) => errors.push(error) });
  const { server, guests } = room;
  const names = ["Ada", "Grace", "Alan", "Barbara", "Ken"];
  const clients = await Promise.all(names.map((name) => room.enter(name)));
  await room.has(5);
  const [ada, grace, alan, barbara] = names.map((name) => guests.get(name)!);
  assert.equal(server.broadcast("to all"), 5);
  assert.equal(server.broadcast("not to Ada", { except: ada! }), 4);
  assert.equal(server.broadcast("to three", { except: [ada!, grace!] }), 3);
  alan!.switchTo(textLines);
  void barbara!.closeWrite();
  guests.get("Ken")!.abort();
  assert.equal(server.broadcast("to two"), 2);
  // The framing and the codec count, not the limit.
  alan!.switchTo({ ...protocol, maxFrameLength: 9 });
  assert.equal(server.broadcast("to three again"), 3);
  const expected = [
    ["to all", "to two", "to three again"],
    ["to all", "not to Ada", "to two", "to three again"],
    ["to all", "not to Ada", "to three", "to three again"],
    ["to all", "not to Ada", "to three", undefined],
  ];
  for (const [index, messages] of expected.entries()) {
    for (const message of messages) assert.equal(await clients[index]!.receive(), message);
  }
  assert.deepEqual(errors.filter((error) => error instanceof TypeError), []);
  await closeAll(server, ...clients.slice(0, 4));
  clients[4]!.abort();
});

test("Server.broadcast() throws errors of encoding before anything is sent", bounded, async () => {
  const server = await serve(
    { framer: lines(), codec: text(), maxFrameLength: 10 },
    async (guest) => {
      await guest.send("welcome");
      for await (const _ of guest);
    },
  );
  const client = await connect({ ...server.address, framer: lines(), codec: text() });
  assert.equal(await client.receive(), "welcome");
  assert.throws(() => server.broadcast("two\nlines"), TypeError);
  assert.throws(() => server.broadcast("longer than ten"), RangeError);
  assert.throws(() => server.broadcast("one", { maxPending: 0 }), RangeError);
  assert.throws(() => server.broadcast("one", { onSlow: 1 } as never), TypeError);
  for (const except of [5, null, "all"]) {
    assert.throws(
      () => server.broadcast("one", { except } as never),
      /^TypeError: Invalid except .*: expected a connection or an iterable of connections$/,
    );
  }
  assert.equal(server.broadcast("fine"), 1);
  assert.equal(await client.receive(), "fine");
  await closeAll(server, client);
  assert.throws(() => server.broadcast("two\nlines"), TypeError);
  assert.equal(server.broadcast("nobody"), 0);
});

test("Server.broadcast() encodes once, and taps see the frames", bounded, async () => {
  const frames: FrameEvent[] = [];
  const sent: Uint8Array[] = [];
  let encoded = 0;
  const codec = {
    ...text(),
    encode: (line: string) => {
      encoded++;
      return text().encode(line);
    },
  };
  const tap = {
    frame: (event: FrameEvent) => void frames.push(event),
    chunk: ({ direction, bytes }: { direction: string; bytes: Uint8Array }) => {
      if (direction === "out") sent.push(bytes);
    },
  };
  const server = await serve({ framer: protocol.framer, codec, tap }, async (guest) => {
    for await (const _ of guest);
  });
  const clients = await Promise.all(
    [1, 2, 3].map(() => connect({ ...server.address, ...protocol })),
  );
  while (server.connections.size < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  const options: BroadcastOptions = { except: [] };
  for (const line of ["one", "x".repeat(10_000)]) assert.equal(server.broadcast(line, options), 3);
  for (const client of clients) {
    assert.equal(await client.receive(), "one");
    assert.equal((await client.receive())!.length, 10_000);
  }
  assert.equal(encoded, 2);
  const out = (offset: number, length: number) =>
    Array(3).fill({ direction: "out", offset, length });
  assert.deepEqual(frames, [...out(0, 7), ...out(7, 10_004)]);
  // A long frame is the same memory for all.
  const long = sent.filter((bytes) => bytes.length === 10_000);
  assert.deepEqual(new Set(long.map(({ buffer }) => buffer)).size, 1);
  await closeAll(server, ...clients);
});
