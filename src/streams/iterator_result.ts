/**
 * What an iterator hands out. A constructor makes it, not a literal: once many of those have survived a
 * collection, as they do on connections that were idle, V8 14 allocates what the literal makes among the
 * old for good, where each one keeps its message until everything is collected.
 */
export const Yielded: new <Value>(value: Value) => IteratorYieldResult<Value> =
  /* @__PURE__ */ plainClass(function (this: unknown, value: unknown) {
    const result = this as { done: boolean; value: unknown };
    result.done = false;
    result.value = value;
  });

/** A constructor of plain objects. */
function plainClass(constructor: (this: unknown, value: unknown) => void): never {
  constructor.prototype = Object.prototype;
  return constructor as never;
}

/** What every iterator hands out at its end. */
export const DONE: IteratorReturnResult<undefined> = /* @__PURE__ */ Object.freeze({
  done: true,
  value: undefined,
});
