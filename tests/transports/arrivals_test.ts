import assert from "node:assert/strict";
import { test } from "node:test";
import { Arrivals } from "../../src/transports/arrivals.ts";

/** Returns a socket that records calls to pause and resume it. */
function flow(): { readonly calls: string[]; pause(): void; resume(): void } {
  const calls: string[] = [];
  return { calls, pause: () => calls.push("pause"), resume: () => calls.push("resume") };
}

test("Arrivals delivers items in order, then the end", async () => {
  const arrivals = new Arrivals<number>();
  for (const item of [1, 2, 3]) arrivals.push(item);
  arrivals.end();
  arrivals.end({ error: new Error("later") });
  assert.equal(arrivals.waiting, 3);
  assert.deepEqual([await arrivals.read(), await arrivals.read(), await arrivals.read()], [
    1,
    2,
    3,
  ]);
  assert.equal(await arrivals.read(), undefined);
});

test("Arrivals delivers items before the error, and the error on every later read", async () => {
  const arrivals = new Arrivals<number>();
  const error = new Error("lost");
  arrivals.push(1);
  arrivals.end({ error });
  arrivals.end();
  assert.equal(await arrivals.read(), 1);
  for (let count = 0; count < 2; count++) {
    await assert.rejects(arrivals.read(), (thrown) => thrown === error);
  }
});

test("Arrivals resolves a pending read with the next item", async () => {
  const arrivals = new Arrivals<number>();
  const read = arrivals.read();
  assert.equal(arrivals.reading, true);
  arrivals.push(1);
  assert.equal(arrivals.reading, false);
  assert.equal(await read, 1);
  assert.equal(arrivals.waiting, 0);
});

test("Arrivals.read() rejects while another read is pending", async () => {
  const arrivals = new Arrivals<number>();
  const first = arrivals.read();
  await assert.rejects(arrivals.read(), TypeError);
  arrivals.push(1);
  assert.equal(await first, 1);
});

test("Arrivals pauses its socket at the high-water mark, and resumes it when a read has to wait", async () => {
  const socket = flow();
  const arrivals = new Arrivals<number>(socket, 1000);
  arrivals.push(1, 700);
  assert.deepEqual(socket.calls, []);
  // A short item counts as 256 bytes, the memory that it takes.
  arrivals.push(2, 1);
  arrivals.push(3, 1);
  assert.deepEqual(socket.calls, ["pause"]);
  for (let count = 0; count < 3; count++) await arrivals.read();
  assert.deepEqual(socket.calls, ["pause"]);
  const read = arrivals.read();
  assert.deepEqual(socket.calls, ["pause", "resume"]);
  arrivals.push(4);
  assert.equal(await read, 4);
});

test("Arrivals.clear() removes and returns all waiting items", async () => {
  const arrivals = new Arrivals<number>();
  for (const item of [1, 2]) arrivals.push(item);
  assert.deepEqual(arrivals.clear(), [1, 2]);
  assert.equal(arrivals.waiting, 0);
  arrivals.push(3);
  assert.equal(await arrivals.read(), 3);
});
