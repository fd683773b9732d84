import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError } from "../../mod.ts";
import { AcceptQueue } from "../../src/transports/accept_queue.ts";
import { type Recorder, recorder } from "../support/transports.ts";

test("AcceptQueue.accept() returns connections in order, then undefined", async () => {
  const queue = new AcceptQueue<Recorder>();
  const [first, second] = [recorder(), recorder()];
  queue.push(first);
  const accepted = [queue.accept(), queue.accept()];
  queue.push(second);
  assert.equal(await accepted[0], first);
  assert.equal(await accepted[1], second);
  queue.close();
  assert.equal(await queue.accept(), undefined);
});

test("AcceptQueue resets connections beyond its maximum, and queued ones when it is closed", async () => {
  const queue = new AcceptQueue<Recorder>(2);
  const connections = [recorder(), recorder(), recorder()];
  for (const connection of connections) queue.push(connection);
  assert.deepEqual(connections.map(({ calls }) => calls), [[], [], ["abort"]]);
  assert.equal(await queue.accept(), connections[0]);
  queue.close();
  assert.deepEqual(connections.map(({ calls }) => calls), [[], ["abort"], ["abort"]]);
  assert.equal(await queue.accept(), undefined);
});

test("AcceptQueue.accept() rejects once for a failure, and then returns later connections", async () => {
  const queue = new AcceptQueue<Recorder>();
  const error = new ConnectionError("Cannot accept a connection", { code: "tooManyFiles" });
  const pending = queue.accept();
  queue.fail(error);
  await assert.rejects(pending, (thrown) => thrown === error);
  queue.fail(error);
  queue.fail(error);
  assert.equal(queue.waiting, 1);
  await assert.rejects(queue.accept(), (thrown) => thrown === error);
  const connection = recorder();
  queue.push(connection);
  queue.fail(error);
  assert.equal(await queue.accept(), connection);
  queue.fail(error);
  queue.close();
  assert.equal(await queue.accept(), undefined);
});
