import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkChoice,
  checkInteger,
  checkSignal,
  checkType,
  invalidOption,
  limit,
} from "../../src/bytes/invalid_option.ts";

test("invalidOption() shows texts, numbers and booleans, and describes other values", () => {
  const texts = [["a".repeat(70), `"${"a".repeat(64)}"`], [NaN, "NaN"], [true, "true"], [{}, null]];
  for (const [value, shown] of texts) {
    const { message } = invalidOption("depth", value, "a number");
    assert.ok(message.startsWith(`Invalid depth ${shown ?? "("}`), message);
    assert.ok(message.endsWith(": expected a number"), message);
  }
  assert.ok(invalidOption("depth", 0, "a number", RangeError) instanceof RangeError);
});

test("checkType() and checkChoice() accept undefined and refuse other types and texts", () => {
  checkType("onSlow", undefined, "a function");
  checkType("onSlow", () => {}, "a function");
  assert.throws(() => checkType("onSlow", 1, "a function"), {
    name: "TypeError",
    message: "Invalid onSlow 1: expected a function",
  });
  checkChoice("last", undefined, ["required", "optional"]);
  checkChoice("last", "optional", ["required", "optional"]);
  assert.throws(() => checkChoice("last", "never", ["required", "optional"]), {
    name: "TypeError",
    message: 'Invalid last "never": expected "required" or "optional"',
  });
});

test("checkInteger() and limit() refuse numbers by a RangeError, other values by a TypeError", () => {
  checkInteger("size", 0);
  checkInteger("size", -3, -Infinity);
  assert.equal(limit("maxPending", Infinity), Infinity);
  const cases: readonly [run: () => unknown, name: string, message: string][] = [
    [() => checkInteger("size", -1), "RangeError", "-1: expected a non-negative integer"],
    [() => checkInteger("size", 9, 1, 8), "RangeError", "9: expected an integer from 1 to 8"],
    [() => checkInteger("size", 0.5, -Infinity), "RangeError", "0.5: expected an integer"],
    [() => checkInteger("size", "1" as never), "TypeError", '"1": expected a non-negative integer'],
    [() => limit("size", 0), "RangeError", "0: expected a positive number or Infinity"],
    [() => limit("size", "1" as never), "TypeError", '"1": expected a positive number or Infinity'],
  ];
  for (const [run, name, message] of cases) {
    assert.throws(run, { name, message: `Invalid size ${message}` });
  }
});

test("checkSignal() accepts signals, also of another realm, and refuses controllers", () => {
  checkSignal(undefined);
  checkSignal(AbortSignal.abort());
  checkSignal({ addEventListener() {} } as unknown as AbortSignal);
  assert.throws(() => checkSignal(new AbortController() as never), {
    name: "TypeError",
    message: /^Invalid signal \(.*\): expected an AbortSignal$/,
  });
});
