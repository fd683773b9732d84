import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortGroups } from "../../src/async/abort_groups.ts";

/** Returns a signal and the number of its listeners. */
function counted(): { signal: AbortSignal; listeners: () => number; abort: () => void } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    count++;
    addEventListener.apply(signal, args as never);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    count--;
    removeEventListener.apply(signal, args as never);
  };
  return { signal, listeners: () => count, abort: () => controller.abort() };
}

test("AbortGroups adds one listener to a signal, however many callbacks it has", () => {
  const groups = new AbortGroups();
  const { signal, listeners, abort } = counted();
  const called: number[] = [];
  for (let number = 0; number < 1000; number++) groups.add(signal, () => called.push(number));
  assert.equal(listeners(), 1);
  abort();
  assert.deepEqual(called, Array.from({ length: 1000 }, (_, number) => number));
});

test("AbortGroups.remove() removes a callback, and the listener with the last one", () => {
  const groups = new AbortGroups();
  const { signal, listeners, abort } = counted();
  const called: string[] = [];
  const [one, two] = [() => void called.push("one"), () => void called.push("two")];
  groups.add(signal, one);
  groups.add(signal, two);
  groups.remove(signal, one);
  assert.equal(listeners(), 1);
  groups.remove(signal, two);
  groups.remove(signal, two);
  assert.equal(listeners(), 0);
  abort();
  assert.deepEqual(called, []);
});

test("AbortGroups calls the callbacks of the aborted signal only", () => {
  const groups = new AbortGroups();
  const [first, second] = [counted(), counted()];
  const called: string[] = [];
  groups.add(first.signal, () => called.push("first"));
  groups.add(second.signal, () => called.push("second"));
  second.abort();
  assert.deepEqual(called, ["second"]);
});
