import { type ByteReader, FrameDecoder, type Framer } from "../../mod.ts";

/** A framer that counts its calls. */
export interface Watched {
  readonly framer: Framer;
  /** Number of calls of `measure`. */
  readonly asked: () => number;
  /** Number of calls of the framer that read bytes. */
  readonly calls: () => number;
}

/** Wraps a framer so that its calls are counted. */
export function watch(framer: Framer): Watched {
  let asked = 0;
  let calls = 0;
  const counting = (input: ByteReader): ByteReader =>
    new Proxy(input, {
      get(target, key) {
        if (key === "peek" || key === "readUint" || key === "find" || key === "look") calls++;
        const value = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set: (target, key, value) => Reflect.set(target, key, value, target),
    });
  return {
    framer: {
      measure(input) {
        asked++;
        return framer.measure(counting(input));
      },
      write: (frame, output) => framer.write(frame, output),
    },
    asked: () => asked,
    calls: () => calls,
  };
}

/** Decodes a stream in chunks of `size` bytes and returns the number of frames. */
export function drip(framer: Framer, stream: Uint8Array, size: number): number {
  const decoder = new FrameDecoder({ framer, maxFrameLength: Infinity });
  let frames = 0;
  for (let at = 0; at < stream.length; at += size) {
    decoder.push(stream.slice(at, at + size));
    decoder.visit(() => frames++);
  }
  return frames;
}
