import type { StreamPair, Transport } from "../../mod.ts";

/** Returns the two ends of a pipe in memory. */
export function pipe(): [StreamPair, StreamPair] {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/** A transport that records what is written to it, and receives only the end, after `closeWrite`. */
export interface Recorder extends Transport {
  /** The chunks written, as text. */
  readonly sent: string[];
  /** The calls of `closeWrite`, `close` and `abort`. */
  readonly calls: string[];
  /** Completes the pending write. */
  release(): void;
}

/**
 * Returns a recorder.
 *
 * @param waits Whether every write stays pending until `release`.
 */
export function recorder(waits = false): Recorder {
  const sent: string[] = [];
  const calls: string[] = [];
  let release = () => {};
  let end: (chunk: undefined) => void = () => {};
  const ended = new Promise<undefined>((resolve) => end = resolve);
  return {
    sent,
    written: 0,
    calls,
    release: () => release(),
    read: () => ended,
    write(chunks) {
      for (const chunk of chunks) sent.push(new TextDecoder().decode(chunk));
      return waits ? new Promise((resolve) => release = resolve) : undefined;
    },
    // deno-lint-ignore require-await
    async closeWrite() {
      calls.push("closeWrite");
      end(undefined);
    },
    close: () => void calls.push("close"),
    abort: () => void calls.push("abort"),
  };
}

/** Waits for the end of this event-loop turn and of the next. */
export function turn(): Promise<void> {
  // The first timer may fire early if this turn takes long; the second fires in a later one.
  return new Promise((resolve) => setTimeout(() => setTimeout(resolve, 0), 5));
}
