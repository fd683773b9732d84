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

/** Makes such bytes of bytes. */
export function countLooks(bytes: Uint8Array): Counted {
  let looks = 0;
  const proxy = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) looks++;
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
