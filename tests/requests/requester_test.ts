import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError, Connection, ConnectionError, json, lines, Requester } from "../../mod.ts";
import { pipe, recorder, turn } from "../support/transports.ts";

interface Message {
  readonly id?: number;
  readonly text: string;
}

const protocol = { framer: lines(), codec: json<Message>() };
const byId = ({ id }: Message) => id;

function pair(): [client: Connection<Message>, server: Connection<Message>] {
  const [here, there] = pipe();
  return [new Connection(here, protocol), new Connection(there, protocol)];
}

test("Requester gives replies in the order of the requests", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const replies = Promise.all(["a", "b", "c"].map((text) => requester.request({ text })));
  for (let count = 0; count < 3; count++) {
    const { text } = (await server.receive())!;
    void server.send({ text: text.toUpperCase() });
  }
  assert.deepEqual((await replies).map(({ text }) => text), ["A", "B", "C"]);
  client.abort();
});

test("Requester finds replies by their key, whatever their order", async () => {
  const [client, server] = pair();
  const requester = new Requester(client, { match: byId });
  const replies = Promise.all([1, 2, 3].map((id) => requester.request({ id, text: "?" })));
  for (let count = 0; count < 3; count++) await server.receive();
  for (const id of [2, 3, 1]) void server.send({ id, text: `${id}!` });
  assert.deepEqual((await replies).map(({ text }) => text), ["1!", "2!", "3!"]);
  client.abort();
});

test("Requester lets a late reply go, which never reaches another request", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const late = requester.request({ text: "late" }, { timeout: 10 });
  await assert.rejects(late, (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, "timedOut");
    assert.equal(error.message, "Cannot request: no reply within 10 ms");
    return true;
  });
  const next = requester.request({ text: "next" });
  await server.receive();
  await server.receive();
  void server.send({ text: "LATE" });
  void server.send({ text: "NEXT" });
  assert.deepEqual(await next, { text: "NEXT" });
  client.abort();
});

test("Requester lets a late reply go though its key is used again", async () => {
  const [client, server] = pair();
  const requester = new Requester(client, { match: byId });
  const controller = new AbortController();
  const given = requester.request({ id: 1, text: "one" }, { signal: controller.signal });
  const reason = new Error("changed my mind");
  controller.abort(reason);
  await assert.rejects(given, (error) => error === reason);
  const again = requester.request({ id: 1, text: "two" });
  await server.receive();
  await server.receive();
  void server.send({ id: 1, text: "ONE" });
  void server.send({ id: 1, text: "TWO" });
  assert.equal((await again).text, "TWO");
  client.abort();
});

test("Requester sends nothing when its signal has come before", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const signal = AbortSignal.abort(new Error("before"));
  await assert.rejects(requester.request({ text: "one" }, { signal }), /before/);
  await assert.rejects(requester.request({ text: "one" }, { timeout: 0 }), RangeError);
  const closing = client.close();
  assert.equal(await server.receive(), undefined);
  await Promise.all([closing, server.close()]);
});

test("Requester fails all that wait at once when the connection ends, and all that come", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const waiting = [1, 2].map(() => requester.request({ text: "?" }).catch(({ code }) => code));
  await server.receive();
  await server.receive();
  await server.closeWrite();
  assert.deepEqual(await Promise.all(waiting), ["closed", "closed"]);
  await assert.rejects(requester.request({ text: "?" }), { code: "closed" });
  client.abort();
});

test("Requester fails all that wait when the connection is aborted", async () => {
  const [client] = pair();
  const requester = new Requester(client);
  const waiting = requester.request({ text: "?" }).catch(({ code }) => code);
  client.abort();
  assert.equal(await waiting, "aborted");
});

test("Requester forgets a request that cannot be framed", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const circle: Record<string, unknown> = { text: "circle" };
  circle.self = circle;
  await assert.rejects(requester.request(circle as unknown as Message), TypeError);
  const good = requester.request({ text: "good" });
  assert.deepEqual(await server.receive(), { text: "good" });
  void server.send({ text: "GOOD" });
  assert.deepEqual(await good, { text: "GOOD" });
  client.abort();
});

test("Requester tells who is next that the reply could not be decoded", async () => {
  const [here, there] = pipe();
  const requester = new Requester(new Connection(here, protocol));
  const server = new Connection(there, { framer: lines() });
  const first = requester.request({ text: "one" });
  const second = requester.request({ text: "two" });
  void server.send(new TextEncoder().encode("{"));
  void server.send(new TextEncoder().encode('{"text":"TWO"}'));
  await assert.rejects(first, CodecError);
  assert.deepEqual(await second, { text: "TWO" });
  server.abort();
});

test("Requester aborts when nobody can tell whose the reply was, and tells all that wait", async () => {
  const [here, there] = pipe();
  const connection = new Connection(here, protocol);
  const requester = new Requester(connection, { match: byId });
  const server = new Connection(there, { framer: lines() });
  const waiting = [1, 2, 2].map((id) => requester.request({ id, text: "?" }));
  const outcomes = Promise.allSettled(waiting);
  void server.send(new TextEncoder().encode("{"));
  for (const outcome of await outcomes) {
    assert.equal(outcome.status, "rejected");
    assert.equal(outcome.reason.code, "aborted");
    assert.ok(outcome.reason.cause instanceof CodecError);
  }
  await assert.rejects(requester.request({ id: 2, text: "?" }), { code: "aborted" });
  assert.equal(await connection.closed, "aborted");
  server.abort();
});

test("Requester aborts when match throws at what has come", async () => {
  const [here, there] = pipe();
  const requester = new Requester(new Connection(here, protocol), { match: byId });
  const server = new Connection(there, { framer: lines() });
  const waiting = requester.request({ id: 1, text: "?" });
  void server.send(new TextEncoder().encode("null"));
  await assert.rejects(waiting, (error: ConnectionError) => error.cause instanceof TypeError);
  server.abort();
});

test("Requester says at once that this side has finished sending", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const before = requester.request({ text: "before" });
  await server.receive();
  const finished = client.closeWrite();
  assert.equal(await server.receive(), undefined);
  await finished;
  await assert.rejects(requester.request({ text: "behind" }), { code: "closed" });
  void server.send({ text: "BEFORE" });
  assert.deepEqual(await before, { text: "BEFORE" });
  await server.close();
});

test("Requester loses no request beside one that cannot be framed, whenever messages come", async () => {
  for (let ticks = 0; ticks < 10; ticks++) {
    const [client, server] = pair();
    let good: Promise<Message> | undefined;
    let ask = () => {};
    const requester = new Requester(client, {
      onUnmatched: async ({ text }) => {
        for (let tick = 0; tick < ticks; tick++) await undefined;
        if (text === "first") ask();
      },
    });
    ask = () => {
      const circle: Record<string, unknown> = { text: "circle" };
      circle.self = circle;
      requester.request(circle as unknown as Message).catch(() => {});
      good = requester.request({ text: "good" });
    };
    void server.send({ text: "first" });
    void server.send({ text: "second" });
    assert.deepEqual(await server.receive(), { text: "good" });
    void server.send({ text: "GOOD" });
    // Whichever of the two it is: nobody is left waiting.
    assert.ok(await good);
    client.abort();
  }
});

test("Requester hands what answers no request to onUnmatched", async () => {
  const [client, server] = pair();
  const unmatched: (Message | "seen")[] = [];
  let seen = () => {};
  const both = new Promise<void>((resolve) => seen = resolve);
  const requester = new Requester(client, {
    match: byId,
    onUnmatched: (message) => unmatched.push(message) === 2 && seen(),
  });
  void server.send({ text: "news" });
  const reply = requester.request({ id: 1, text: "?" });
  void server.send({ id: 9, text: "whose?" });
  void server.send({ id: 1, text: "!" });
  assert.equal((await reply).text, "!");
  await both;
  assert.deepEqual(unmatched, [{ text: "news" }, { id: 9, text: "whose?" }]);
  client.abort();
});

test("Requester leaves the connection alone when no reply is due", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const reply = requester.request({ text: "?" });
  await server.receive();
  void server.send({ text: "!" });
  await reply;
  void server.send({ text: "for whom it may concern" });
  assert.deepEqual(await client.receive(), { text: "for whom it may concern" });
  client.abort();
});

test("Requester ends a connection whose peer answers nobody", async () => {
  const readable = new ReadableStream<Uint8Array>();
  const connection = new Connection({ readable, writable: new WritableStream() }, protocol);
  const requester = new Requester(connection);
  for (let count = 0; count < 65_537; count += 1024) {
    const controller = new AbortController();
    const { signal } = controller;
    for (let more = 0; more < 1024; more++) {
      requester.request({ text: "?" }, { signal }).catch(() => {});
    }
    // Requests that have not been sent are forgotten when they are aborted.
    await turn();
    controller.abort();
  }
  assert.equal(await connection.closed, "aborted");
});

test("Requester.request() sends only while the connection accepts more, in call order", async () => {
  const transport = recorder(true);
  const connection = new Connection<Message>(transport, protocol);
  const requester = new Requester(connection, { match: byId });
  const text = "x".repeat(10_000);
  const replies = Array.from({ length: 100 }, (_, id) => requester.request({ id, text }));
  replies.forEach((reply) => reply.catch(() => {}));
  await turn();
  assert.ok(connection.pending < 65_536 + 20_000, `${connection.pending} bytes pending`);
  for (let count = 0; count < 100; count++) {
    transport.release();
    await turn();
  }
  const ids = [...transport.sent.join("").matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id));
  assert.deepEqual(ids, Array.from({ length: 100 }, (_, id) => id));
  connection.abort();
});

test("Requester.request() sends nothing of a request that is aborted while it waits to be sent", async () => {
  const transport = recorder(true);
  const connection = new Connection<Message>(transport, protocol);
  const requester = new Requester(connection, { match: byId });
  const large = requester.request({ id: 1, text: "x".repeat(100_000) });
  large.catch(() => {});
  const controller = new AbortController();
  const aborted = requester.request({ id: 2, text: "aborted" }, { signal: controller.signal });
  const next = requester.request({ id: 3, text: "next" });
  next.catch(() => {});
  await turn();
  controller.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  for (let count = 0; count < 4; count++) {
    transport.release();
    await turn();
  }
  assert.equal(transport.sent.join("").includes("aborted"), false);
  assert.equal(transport.sent.join("").includes("next"), true);
  connection.abort();
});

test("Requester.request() is refused while maxWaiting requests wait", async () => {
  const [client, server] = pair();
  const requester = new Requester(client, { match: byId, maxWaiting: 2 });
  const replies = [1, 2].map((id) => requester.request({ id, text: "?" }));
  await assert.rejects(requester.request({ id: 3, text: "?" }), RangeError);
  for (const id of [1, 2]) void server.send({ id, text: `${id}!` });
  await Promise.all(replies);
  const third = requester.request({ id: 3, text: "?" });
  void server.send({ id: 3, text: "3!" });
  assert.equal((await third).text, "3!");
  for (const maxWaiting of [0, -1, NaN]) {
    assert.throws(() => new Requester(client, { maxWaiting }), RangeError);
  }
  client.abort();
});

test("Requester in order aborts when a message has been read before its request is sent", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const first = requester.request({ text: "?" });
  void server.send({ text: "!" });
  void server.send({ text: "early" });
  assert.equal((await first).text, "!");
  await turn();
  await assert.rejects(requester.request({ text: "?" }), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, "aborted");
    assert.match(String(error.cause), /before its request/);
    return true;
  });
});

test("Requester in order passes a message that comes early to onUnmatched", async () => {
  const [client, server] = pair();
  const unmatched: string[] = [];
  const requester = new Requester(client, { onUnmatched: ({ text }) => void unmatched.push(text) });
  void server.send({ text: "early" });
  await turn();
  const reply = requester.request({ text: "?" });
  await server.receive();
  void server.send({ text: "!" });
  assert.equal((await reply).text, "!");
  assert.deepEqual(unmatched, ["early"]);
  client.abort();
});

test("Requester sends and receives messages of different types", async () => {
  interface Question {
    readonly question: string;
  }
  const [here, there] = pipe();
  const ask = { framer: lines(), codec: json<number, Question>() };
  const answer = { framer: lines(), codec: json<Question, number>() };
  const client = new Connection<number, Question>(here, ask);
  const server = new Connection<Question, number>(there, answer);
  const requester = new Requester(client);
  const reply: Promise<number> = requester.request({ question: "6 × 7" });
  assert.deepEqual(await server.receive(), { question: "6 × 7" });
  void server.send(42);
  assert.equal(await reply, 42);
  client.abort();
});
