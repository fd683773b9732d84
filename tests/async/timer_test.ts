import assert from "node:assert/strict";
import { test } from "node:test";
import { Timer } from "../../src/async/timer.ts";
import { sleep } from "../support/limits.ts";

test("Timer calls back once for each start", async () => {
  let fired: () => void = () => {};
  const timer = new Timer(() => fired());
  for (let round = 0; round < 2; round++) {
    const fires = new Promise<void>((resolve) => fired = resolve);
    timer.start(1);
    assert.equal(timer.running, true);
    await fires;
    assert.equal(timer.running, false);
  }
});

test("Timer.start() can advance a running timer, but never postpones it", async () => {
  const order: string[] = [];
  const early = new Promise<void>((resolve) => {
    const timer = new Timer(() => {
      order.push("timer");
      resolve();
    });
    timer.start(60_000);
    timer.start(1);
    timer.start(60_000);
  });
  await early;
  assert.deepEqual(order, ["timer"]);
});

test("Timer.stop() prevents the callback", async () => {
  let count = 0;
  const timer = new Timer(() => count++);
  timer.start(1);
  timer.stop();
  timer.stop();
  await sleep(20);
  assert.equal(count, 0);
  assert.equal(timer.running, false);
});

test("Timer.unref() and ref() may be called at any time", async () => {
  let fired: () => void = () => {};
  const timer = new Timer(() => fired());
  timer.unref();
  const fires = new Promise<void>((resolve) => fired = resolve);
  timer.start(5);
  timer.ref();
  await fires;
  timer.unref();
  timer.ref();
});
