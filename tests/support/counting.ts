/**
 * Counts what code does with bytes: growth is asserted by counting, never by a clock.
 *
 * @module
 */

/** Bytes that count how often one of them is looked at. */
export interface Counted {
  readonly bytes: Uint8Array;
  readonly looks: () => number;
}

/** Who counts the looks at a buffer. */
const counters = new WeakMap<object, (count: number) => void>();

/** Makes such bytes of bytes. */
export function countLooks(bytes: Uint8Array): Counted {
  let looks = 0;
  counters.set(bytes.buffer, (count) => looks += count);
  const proxy = new Proxy(bytes, {
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
  return { bytes: proxy, looks: () => looks };
}

/** Words of such bytes count four at each look. */
globalThis.Int32Array = new Proxy(globalThis.Int32Array, {
  construct(target, args: [ArrayBuffer]) {
    const words = Reflect.construct(target, args);
    const look = counters.get(Object(args[0]));
    return look === undefined ? words : new Proxy(words, {
      get(target, key) {
        if (isIndex(key)) look(4);
        return Reflect.get(target, key, target);
      },
    });
  },
});

function isIndex(key: string | symbol): boolean {
  return typeof key === "string" && /^\d+$/.test(key);
}

/** How many bytes are allocated for arrays while `run` runs. */
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
