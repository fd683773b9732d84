import type { StreamPair, Transport } from "../../mod.ts";

/** Two ends of a pipe in memory: what one writes the other reads. */
export function pipe(): [StreamPair, StreamPair] {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/** A transport that keeps what is written, chunk by chunk, and receives nothing but the end once this side has finished. */
export interface Recorder extends Transport {
  /** The chunks written, as text. */
  readonly sent: string[];
  readonly calls: string[];
  /** Lets the writes go on that were asked to wait. */
  release(): void;
}

/**
 * Makes a recorder.
 *
 * @param waits Whether every write is asked to wait until `release`.
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

/** Waits for the end of this turn of the event loop, and of the next. */
export function turn(): Promise<void> {
  // The first timer may be due before the end of this turn, if that took long: the second comes behind it.
  return new Promise((resolve) => setTimeout(() => setTimeout(resolve, 0), 5));
}
