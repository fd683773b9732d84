/**
 * Counts operations on bytes, so that tests can assert growth without a clock.
 *
 * @module
 */

/**
 * Returns the number of bytes that `run` reads from arrays passed through `counted`: one for each index,
 * the searched length for `indexOf`, and four for each word of an `Int32Array`.
 */
export function countLooks(run: (counted: (bytes: Uint8Array) => Uint8Array) => void): number {
  const buffers = new WeakSet<object>();
  let looks = 0;
  const counted = (bytes: Uint8Array): Uint8Array => {
    buffers.add(bytes.buffer);
    return new Proxy(bytes, {
      get(target, key) {
        if (isIndex(key)) looks++;
        const value = Reflect.get(target, key, target);
        if (key === "indexOf") {
          return (byte: number, start: number) => {
            const at = target.indexOf(byte, start);
            looks += (at < 0 ? target.length : at) - start;
            return at;
          };
        }
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  const original = globalThis.Int32Array;
  globalThis.Int32Array = new Proxy(original, {
    construct(target, args: [ArrayBuffer]) {
      const words = Reflect.construct(target, args);
      if (!buffers.has(Object(args[0]))) return words;
      return new Proxy(words, {
        get(target, key) {
          if (isIndex(key)) looks += 4;
          return Reflect.get(target, key, target);
        },
      });
    },
  });
  try {
    run(counted);
  } finally {
    globalThis.Int32Array = original;
  }
  return looks;
}

function isIndex(key: string | symbol): boolean {
  return typeof key === "string" && /^\d+$/.test(key);
}

/** Returns the number of bytes that `run` allocates for `Uint8Array`s. */
export function allocated(run: () => void): number {
  const original = globalThis.Uint8Array;
  let sum = 0;
  class Counting extends original {
    constructor(...args: unknown[]) {
      super(...args as []);
      if (!(args[0] instanceof ArrayBuffer)) sum += this.length;
    }
  }
  globalThis.Uint8Array = Counting as typeof original;
  try {
    run();
  } finally {
    globalThis.Uint8Array = original;
  }
  return sum;
}
