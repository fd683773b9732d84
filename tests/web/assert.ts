/**
 * The part of `node:assert/strict` that the tests use, for Workers and browsers.
 *
 * @module
 */

type Expected =
  | RegExp
  | (new (...args: never[]) => Error)
  | ((error: unknown) => boolean)
  | Record<string, unknown>;

function fail(message: unknown = "failed"): never {
  throw message instanceof Error ? message : new Error(`AssertionError: ${message}`);
}

function show(value: unknown): string {
  if (ArrayBuffer.isView(value)) {
    const bytes = value as Uint8Array;
    return `${bytes.constructor.name}(${bytes.length}) [${bytes.slice(0, 32)}]`;
  }
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return typeof value === "object" && value !== null && !(value instanceof Error)
    ? JSON.stringify(value)
    : String(value);
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Error && a.message !== (b as Error).message) return false;
  if (a instanceof Map || a instanceof Set) {
    return same([...a], [...b as Iterable<unknown>]);
  }
  if (a instanceof Date && a.getTime() !== (b as Date).getTime()) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key as never], b[key as never]));
}

function isClass(expected: Expected): expected is new (...args: never[]) => Error {
  return expected === Error ||
    (typeof expected === "function" && expected.prototype instanceof Error);
}

function matches(error: unknown, expected: Expected | undefined): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) {
    if (!expected.test(String(error))) fail(`${error} does not match ${expected}`);
  } else if (isClass(expected)) {
    if (!(error instanceof expected)) fail(`${error} is not an instance of ${expected.name}`);
  } else if (typeof expected === "function") {
    if (expected(error) !== true) fail(`${error} does not satisfy the predicate`);
  } else {
    for (const [key, value] of Object.entries(expected)) {
      const actual = (error as Record<string, unknown>)[key];
      if (value instanceof RegExp ? !value.test(String(actual)) : !same(actual, value)) {
        fail(`${key} of ${error} is ${show(actual)}, not ${show(value)}`);
      }
    }
  }
}

function ok(value: unknown, message?: string | Error): void {
  if (!value) fail(message ?? `${value} is not truthy`);
}

/** The replacement for Node's `assert`. Tests are type-checked against the original. */
const assert: object = Object.assign(ok, {
  ok,
  fail,
  equal(actual: unknown, expected: unknown, message?: string): void {
    if (!Object.is(actual, expected)) fail(message ?? `${show(actual)} is not ${show(expected)}`);
  },
  notEqual(actual: unknown, expected: unknown, message?: string): void {
    if (Object.is(actual, expected)) fail(message ?? `${show(actual)} is ${show(expected)}`);
  },
  deepEqual(actual: unknown, expected: unknown, message?: string): void {
    if (!same(actual, expected)) {
      fail(message ?? `${show(actual)} does not equal ${show(expected)}`);
    }
  },
  match(actual: string, expected: RegExp): void {
    if (!expected.test(actual)) fail(`${actual} does not match ${expected}`);
  },
  doesNotMatch(actual: string, expected: RegExp): void {
    if (expected.test(actual)) fail(`${actual} matches ${expected}`);
  },
  throws(body: () => unknown, expected?: Expected): void {
    try {
      body();
    } catch (error) {
      return matches(error, expected);
    }
    fail("nothing was thrown");
  },
  doesNotThrow(body: () => unknown): void {
    body();
  },
  async rejects(
    body: Promise<unknown> | (() => Promise<unknown>),
    expected?: Expected,
  ): Promise<void> {
    try {
      await (typeof body === "function" ? body() : body);
    } catch (error) {
      return matches(error, expected);
    }
    fail("the promise was not rejected");
  },
});

export default assert;
