import assert from "node:assert/strict";
import { test } from "node:test";
import { PushQueue } from "../../src/transports/push_queue.ts";

/** Returns a socket that records calls to pause and resume it. */
function recordingSocket(): { readonly calls: string[]; pause(): void; resume(): void } {
  const calls: string[] = [];
  return { calls, pause: () => calls.push("pause"), resume: () => calls.push("resume") };
}

test("PushQueue delivers items in order, then the end", async () => {
  const queue = new PushQueue<number>();
  for (const item of [1, 2, 3]) queue.push(item);
  queue.end();
  queue.end({ error: new Error("later") });
  assert.equal(queue.length, 3);
  assert.deepEqual([await queue.read(), await queue.read(), await queue.read()], [
    1,
    2,
    3,
  ]);
  assert.equal(await queue.read(), undefined);
});

test("PushQueue delivers items before the error, and the error on every later read", async () => {
  const queue = new PushQueue<number>();
  const error = new Error("lost");
  queue.push(1);
  queue.end({ error });
  queue.end();
  assert.equal(await queue.read(), 1);
  for (let count = 0; count < 2; count++) {
    await assert.rejects(queue.read(), (thrown) => thrown === error);
  }
});

test("PushQueue resolves a pending read with the next item", async () => {
  const queue = new PushQueue<number>();
  const read = queue.read();
  assert.equal(queue.reading, true);
  queue.push(1);
  assert.equal(queue.reading, false);
  assert.equal(await read, 1);
  assert.equal(queue.length, 0);
});

test("PushQueue.read() rejects while another read is pending", async () => {
  const queue = new PushQueue<number>();
  const first = queue.read();
  await assert.rejects(queue.read(), TypeError);
  queue.push(1);
  assert.equal(await first, 1);
});

test("PushQueue pauses its socket at the high-water mark, and resumes it when a read has to wait", async () => {
  const socket = recordingSocket();
  const queue = new PushQueue<number>(socket, 1000);
  queue.push(1, 700);
  assert.deepEqual(socket.calls, []);
  // A short item counts as 256 bytes, the memory that it takes.
  queue.push(2, 1);
  queue.push(3, 1);
  assert.deepEqual(socket.calls, ["pause"]);
  for (let count = 0; count < 3; count++) await queue.read();
  assert.deepEqual(socket.calls, ["pause"]);
  const read = queue.read();
  assert.deepEqual(socket.calls, ["pause", "resume"]);
  queue.push(4);
  assert.equal(await read, 4);
});

test("PushQueue.items() returns all unread items, and clear() discards them", async () => {
  const queue = new PushQueue<number>();
  for (const item of [1, 2]) queue.push(item);
  assert.deepEqual(queue.items(), [1, 2]);
  queue.clear();
  assert.deepEqual(queue.items(), []);
  assert.equal(queue.length, 0);
  queue.push(3);
  assert.equal(await queue.read(), 3);
});
