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

test("Requester matches replies in the order of the requests", async () => {
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

test("Requester matches replies by their key, in any order", async () => {
  const [client, server] = pair();
  const requester = new Requester(client, { match: byId });
  const replies = Promise.all([1, 2, 3].map((id) => requester.request({ id, text: "?" })));
  for (let count = 0; count < 3; count++) await server.receive();
  for (const id of [2, 3, 1]) void server.send({ id, text: `${id}!` });
  assert.deepEqual((await replies).map(({ text }) => text), ["1!", "2!", "3!"]);
  client.abort();
});

test("Requester refuses a request without a key, to which no reply could be matched", async () => {
  const [client, server] = pair();
  const requester = new Requester(client, { match: byId });
  await assert.rejects(requester.request({ text: "?" }), TypeError);
  const reply = requester.request({ id: 0, text: "?" });
  assert.deepEqual(await server.receive(), { id: 0, text: "?" });
  void server.send({ id: 0, text: "!" });
  assert.deepEqual(await reply, { id: 0, text: "!" });
  client.abort();
});

test("Requester discards a late reply, which never resolves another request", async () => {
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

test("Requester discards a late reply even if its key is used again", async () => {
  const [client, server] = pair();
  const requester = new Requester(client, { match: byId });
  const controller = new AbortController();
  const aborted = requester.request({ id: 1, text: "one" }, { signal: controller.signal });
  const reason = new Error("changed my mind");
  controller.abort(reason);
  await assert.rejects(aborted, (error) => error === reason);
  const again = requester.request({ id: 1, text: "two" });
  await server.receive();
  await server.receive();
  void server.send({ id: 1, text: "ONE" });
  void server.send({ id: 1, text: "TWO" });
  assert.equal((await again).text, "TWO");
  client.abort();
});

test("Requester sends nothing if the signal is already aborted or the timeout is invalid", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const signal = AbortSignal.abort(new Error("before"));
  await assert.rejects(requester.request({ text: "one" }, { signal }), /before/);
  await assert.rejects(requester.request({ text: "one" }, { timeout: 0 }), RangeError);
  const closing = client.close();
  assert.equal(await server.receive(), undefined);
  await Promise.all([closing, server.close()]);
});

test("Requester rejects pending and later requests when the connection ends", async () => {
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

test("Requester rejects pending requests when the connection is aborted", async () => {
  const [client] = pair();
  const requester = new Requester(client);
  const waiting = requester.request({ text: "?" }).catch(({ code }) => code);
  client.abort();
  assert.equal(await waiting, "aborted");
});

test("Requester forgets a request that cannot be encoded", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const circle: Record<string, unknown> = { text: "circle" };
  circle.self = circle;
  await assert.rejects(requester.request(circle as unknown as Message), TypeError);
  const valid = requester.request({ text: "valid" });
  assert.deepEqual(await server.receive(), { text: "valid" });
  void server.send({ text: "VALID" });
  assert.deepEqual(await valid, { text: "VALID" });
  client.abort();
});

test("Requester in order rejects the request whose reply cannot be decoded", async () => {
  const [here, there] = pipe();
  const requester = new Requester(new Connection(here, protocol));
  const server = new Connection(there, { framer: lines() });
  const first = requester.request({ text: "one" });
  const second = requester.request({ text: "two" });
  await server.receive();
  await server.receive();
  void server.send(new TextEncoder().encode("{"));
  void server.send(new TextEncoder().encode('{"text":"TWO"}'));
  await assert.rejects(first, CodecError);
  assert.deepEqual(await second, { text: "TWO" });
  server.abort();
});

test("Requester with keys aborts if a reply cannot be decoded, and rejects all pending requests", async () => {
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

test("Requester aborts if match throws for a received message", async () => {
  const [here, there] = pipe();
  const requester = new Requester(new Connection(here, protocol), { match: byId });
  const server = new Connection(there, { framer: lines() });
  const waiting = requester.request({ id: 1, text: "?" });
  void server.send(new TextEncoder().encode("null"));
  await assert.rejects(waiting, (error: ConnectionError) => error.cause instanceof TypeError);
  server.abort();
});

test("Requester rejects requests after closeWrite(), and still resolves earlier ones", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const before = requester.request({ text: "before" });
  await server.receive();
  const finished = client.closeWrite();
  assert.equal(await server.receive(), undefined);
  await finished;
  await assert.rejects(requester.request({ text: "after" }), { code: "closed" });
  void server.send({ text: "BEFORE" });
  assert.deepEqual(await before, { text: "BEFORE" });
  await server.close();
});

test("Requester loses no request after one that cannot be encoded, whenever messages arrive", async () => {
  for (let ticks = 0; ticks < 10; ticks++) {
    const [client, server] = pair();
    let valid: Promise<Message> | undefined;
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
      valid = requester.request({ text: "valid" });
    };
    void server.send({ text: "first" });
    void server.send({ text: "second" });
    assert.deepEqual(await server.receive(), { text: "valid" });
    void server.send({ text: "VALID" });
    // The reply may be "second" or "VALID", but the request must not stay pending.
    assert.ok(await valid);
    client.abort();
  }
});

test("Requester passes messages that answer no request to onUnmatched", async () => {
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

test("Requester does not receive while no request is pending", async () => {
  const [client, server] = pair();
  const requester = new Requester(client);
  const reply = requester.request({ text: "?" });
  await server.receive();
  void server.send({ text: "!" });
  await reply;
  void server.send({ text: "news" });
  assert.deepEqual(await client.receive(), { text: "news" });
  client.abort();
});

test("Requester aborts a connection whose peer never replies", async () => {
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

test("Requester.request() sends in call order, and only while the connection accepts more", async () => {
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

test("Requester.request() sends nothing of a request that is aborted before it is sent", async () => {
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

test("Requester.request() rejects while maxWaiting requests are pending", async () => {
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

test("Requester in order aborts if a message was received before its request was sent", async () => {
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

test("Requester in order passes a message that arrives before any request to onUnmatched", async () => {
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
