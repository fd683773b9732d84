import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, ConnectionError, FramingError } from "../../mod.ts";
import {
  jsonRpc,
  JsonRpcError,
  jsonRpcLines,
  type JsonRpcMessage,
  JsonRpcPeer,
  type JsonRpcPeerOptions,
} from "../../protocols.ts";
import { soon } from "../support/pairs.ts";
import { pipe, turn } from "../support/transports.ts";

/** Returns a peer, and the connection at its other end. */
function peerAnd(
  options?: JsonRpcPeerOptions,
): [peer: JsonRpcPeer, other: Connection<JsonRpcMessage>, connection: Connection<JsonRpcMessage>] {
  const [here, there] = pipe();
  const connection = new Connection(here, jsonRpcLines());
  return [new JsonRpcPeer(connection, options), new Connection(there, jsonRpcLines()), connection];
}

test("JsonRpcPeer matches responses with requests, in any order", async () => {
  const [peer, other] = peerAnd();
  const results = Promise.all([
    peer.request("a", [1]),
    peer.request("b", { c: 2 }),
    peer.request("d"),
  ]);
  const received = [await other.receive(), await other.receive(), await other.receive()];
  assert.deepEqual(received, [
    { jsonrpc: "2.0", id: 1, method: "a", params: [1] },
    { jsonrpc: "2.0", id: 2, method: "b", params: { c: 2 } },
    { jsonrpc: "2.0", id: 3, method: "d" },
  ]);
  for (const id of [3, 1, 2]) void other.send({ id, result: `result ${id}` });
  assert.deepEqual(await results, ["result 1", "result 2", "result 3"]);
});

test("JsonRpcPeer rejects a request with the error of its response", async () => {
  const [peer, other] = peerAnd();
  const request = peer.request("a");
  await other.receive();
  void other.send({ id: 1, error: { code: 7, message: "Cannot a", data: { b: 1 } } });
  await assert.rejects(request, (error) => {
    assert.ok(error instanceof JsonRpcError);
    assert.deepEqual([error.name, error.code, error.message, error.data], [
      "JsonRpcError",
      7,
      "Cannot a",
      { b: 1 },
    ]);
    return true;
  });
});

test("JsonRpcPeer does not take requests of the other side for responses", async () => {
  const [peer, other] = peerAnd({ methods: { echo: (params) => params } });
  const request = peer.request("a");
  await other.receive();
  void other.send({ id: 1, method: "echo", params: ["same id"] });
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: 1, result: ["same id"] });
  void other.send({ id: 1, result: "own" });
  assert.equal(await request, "own");
});

test("JsonRpcPeer ignores late, repeated and unknown responses", async () => {
  const [peer, other] = peerAnd();
  const reason = new Error("changed my mind");
  const controller = new AbortController();
  const aborted = peer.request("a", undefined, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(aborted, (error) => error === reason);
  const late = peer.request("b", undefined, { timeout: 10 });
  await assert.rejects(late, {
    code: "timedOut",
    message: "Cannot request: no response within 10 ms",
  });
  const next = peer.request("c");
  for (const id of [1, 2, 4, "3", null]) void other.send({ id, result: `wrong ${id}` });
  void other.send({ id: 3, result: "right" });
  void other.send({ id: 3, result: "repeated" });
  assert.equal(await next, "right");
  const last = peer.request("d");
  void other.send({ id: 4, result: "last" });
  assert.equal(await last, "last");
});

test("JsonRpcPeer cancels requests that were aborted or timed out, by the notification of its option", async () => {
  for (const cancellation of ["$/cancelRequest", "notifications/cancelled", undefined] as const) {
    const [peer, other] = peerAnd(cancellation && { cancellation });
    const controller = new AbortController();
    const aborted = peer.request("a", undefined, { signal: controller.signal });
    assert.equal((await other.receive())?.method, "a");
    controller.abort();
    await assert.rejects(aborted, { name: "AbortError" });
    await assert.rejects(peer.request("b", undefined, { timeout: 1 }), ConnectionError);
    await peer.notify("end");
    const received: JsonRpcMessage[] = [];
    for await (const message of other) {
      if (message.method === "end") break;
      if (message.method !== "b") received.push(message);
    }
    const params = (id: number) => cancellation === "$/cancelRequest" ? { id } : { requestId: id };
    const expected = cancellation === undefined
      ? []
      : [1, 2].map((id) => ({ jsonrpc: "2.0", method: cancellation, params: params(id) }));
    assert.deepEqual(received, expected);
  }
});

test("JsonRpcPeer sends nothing for a request that is aborted already, or has an invalid timeout", async () => {
  const [peer, other] = peerAnd({ cancellation: "$/cancelRequest" });
  const signal = AbortSignal.abort(new Error("before"));
  await assert.rejects(peer.request("a", undefined, { signal }), /before/);
  await assert.rejects(peer.request("a", undefined, { timeout: 0 }), RangeError);
  await assert.rejects(peer.request("a", 1n), TypeError);
  await peer.notify("end");
  assert.equal((await other.receive())?.method, "end");
});

test("JsonRpcPeer refuses more requests than maxWaiting", async () => {
  const [peer, other] = peerAnd({ maxWaiting: 2 });
  const first = peer.request("a");
  const second = peer.request("b");
  await assert.rejects(peer.request("c"), {
    name: "RangeError",
    message: "Cannot request: maxWaiting of 2 requests reached",
  });
  void other.send({ id: 1, result: 1 });
  assert.equal(await first, 1);
  const third = peer.request("d");
  void other.send({ id: 2, result: 2 });
  void other.send({ id: 3, result: 3 });
  assert.deepEqual(await Promise.all([second, third]), [2, 3]);
  assert.throws(() => peerAnd({ maxWaiting: 0 }), RangeError);
  assert.throws(() => peerAnd({ maxCalls: NaN }), RangeError);
});

test("JsonRpcPeer runs calls concurrently, and answers each when it finishes", async () => {
  const releases: (() => void)[] = [];
  const slow = () => new Promise<string>((resolve) => releases.push(() => resolve("slow")));
  const [, other] = peerAnd({ methods: { slow, quick: () => "quick", nothing: () => {} } });
  void other.send({ id: "s", method: "slow" });
  void other.send({ id: "q", method: "quick" });
  void other.send({ id: null, method: "nothing" });
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: "q", result: "quick" });
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: null, result: null });
  releases[0]!();
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: "s", result: "slow" });
});

test("JsonRpcPeer answers unknown methods and failed calls with errors", async () => {
  const errors: unknown[] = [];
  const bug = new Error("secret");
  const [, other] = peerAnd({
    cancellation: "$/cancelRequest",
    onError: (error) => errors.push(error),
    methods: {
      fails: () => Promise.reject(bug),
      refuses: () => {
        throw new JsonRpcError({ code: -32602, message: "Invalid params", data: ["a"] });
      },
      bigint: () => 1n,
    },
  });
  const notFound = { code: -32601, message: "Method not found" };
  const internal = { code: -32603, message: "Internal error" };
  const expected: readonly (readonly [method: string, error: unknown])[] = [
    ["unknown", notFound],
    ["$/cancelRequest", notFound],
    ["toString", notFound],
    ["__proto__", notFound],
    ["constructor", notFound],
    ["fails", internal],
    ["refuses", { code: -32602, message: "Invalid params", data: ["a"] }],
    ["bigint", internal],
  ];
  for (const [method, error] of expected) {
    void other.send({ id: method, method });
    assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: method, error });
  }
  assert.equal(errors.length, 2);
  assert.equal(errors[0], bug);
  assert.ok(errors[1] instanceof TypeError);
});

test("JsonRpcPeer answers no notification, whatever becomes of it", async () => {
  const errors: unknown[] = [];
  const calls: unknown[] = [];
  const [, other] = peerAnd({
    onError: (error) => errors.push(error),
    methods: {
      fails: (params, { method, id }) => {
        calls.push([params, method, id]);
        throw new Error("failed");
      },
      end: () => "end",
    },
  });
  void other.send({ method: "fails", params: { a: 1 } });
  void other.send({ method: "unknown" });
  void other.send({ id: 1, method: "end" });
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: 1, result: "end" });
  assert.deepEqual(calls, [[{ a: 1 }, "fails", undefined]]);
  assert.equal(errors.length, 1);
});

test("JsonRpcPeer aborts the signal of a call that is cancelled; LSP gets an answer, MCP does not", async () => {
  for (const cancellation of ["$/cancelRequest", "notifications/cancelled"] as const) {
    let watched: AbortSignal | undefined;
    const [, other] = peerAnd({
      cancellation,
      methods: {
        wait: (_: unknown, { signal }) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        watch: (_: unknown, { signal }) => new Promise(() => watched = signal),
        end: () => "end",
      },
    });
    void other.send({ id: 1, method: "wait" });
    void other.send({ id: 2, method: "wait" });
    void other.send({ method: "watch" });
    // Names no request: cancels nothing.
    for (
      const params of [undefined, null, {}, { id: 3, requestId: 3 }, { id: "1", requestId: "1" }]
    ) {
      void other.send({ method: cancellation, params });
    }
    void other.send({ method: cancellation, params: { id: 2, requestId: 2 } });
    void other.send({ method: cancellation, params: { id: 2, requestId: 2 } });
    await turn();
    void other.send({ id: 4, method: "end" });
    const first = await other.receive();
    assert.equal(watched?.aborted, false);
    if (cancellation === "$/cancelRequest") {
      const error = { code: -32800, message: "Request cancelled" };
      assert.deepEqual(first, { jsonrpc: "2.0", id: 2, error });
    } else {
      assert.deepEqual(first, { jsonrpc: "2.0", id: 4, result: "end" });
    }
  }
});

test("JsonRpcPeer bounds calls: requests beyond maxCalls are refused, notifications wait", async () => {
  const releases: (() => void)[] = [];
  const [peer, other] = peerAnd({
    maxCalls: 2,
    methods: { wait: () => new Promise<void>((resolve) => releases.push(resolve)) },
  });
  for (const id of [1, 2, 3]) void other.send({ id, method: "wait" });
  const error = { code: -32000, message: "Too many requests" };
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: 3, error });
  // Responses are read meanwhile, so that a call can wait for a request of its own.
  const request = peer.request("own");
  void other.send({ id: 1, result: "answered" });
  assert.equal(await request, "answered");
  assert.equal((await other.receive())?.method, "own");
  void other.send({ method: "wait" });
  void other.send({ id: 4, method: "unknown" });
  const refused = other.receive();
  assert.equal(await soon(refused), "pending");
  assert.equal(releases.length, 3);
  releases[2]!();
  assert.deepEqual(await refused, { jsonrpc: "2.0", id: 4, error });
});

test("JsonRpcPeer reports messages that are invalid, and reads on", async () => {
  const errors: unknown[] = [];
  const [here, there] = pipe();
  new JsonRpcPeer(new Connection(here, jsonRpcLines()), {
    methods: { echo: (params) => params },
    onError: (error) => errors.push((error as Error).name),
  });
  const writer = there.writable.getWriter();
  void writer.write(
    new TextEncoder().encode('Listening\n[]\n{"id":1,"method":"echo","params":[1]}\n'),
  );
  const other = new Connection(
    { readable: there.readable, writable: new WritableStream() },
    jsonRpcLines(),
  );
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: 1, result: [1] });
  assert.deepEqual(errors, ["CodecError", "CodecError"]);
});

test("JsonRpcPeer answers what arrived before the end, and then ends", async () => {
  let release = () => {};
  const wait = () => new Promise<string>((resolve) => release = () => resolve("done"));
  const [peer, other] = peerAnd({ methods: { wait } });
  const request = peer.request("a");
  await other.receive();
  void other.send({ id: 7, method: "wait" });
  await other.closeWrite();
  await assert.rejects(request, {
    code: "closed",
    message: "Cannot request: the connection was closed",
  });
  await assert.rejects(peer.request("b"), { code: "closed" });
  assert.equal(await soon(peer.ended), "pending");
  release();
  assert.deepEqual(await other.receive(), { jsonrpc: "2.0", id: 7, result: "done" });
  await peer.ended;
});

test("JsonRpcPeer rejects requests and aborts calls when the connection fails", async () => {
  const aborted: unknown[] = [];
  const [here, there] = pipe();
  const peer = new JsonRpcPeer(new Connection(here, jsonRpc()), {
    methods: {
      wait: (_: unknown, { signal }) =>
        new Promise(() => signal.addEventListener("abort", () => aborted.push(signal.reason))),
    },
  });
  const request = peer.request("a");
  const writer = there.writable.getWriter();
  const call = '{"id":1,"method":"wait"}';
  await writer.write(
    new TextEncoder().encode(`Content-Length: ${call.length}\r\n\r\n${call}Log output`),
  );
  await assert.rejects(request, FramingError);
  await assert.rejects(peer.ended, FramingError);
  await assert.rejects(peer.request("b"), FramingError);
  assert.equal(aborted.length, 1);
  assert.ok(aborted[0] instanceof FramingError);
});
