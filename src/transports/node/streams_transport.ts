import { ignoreFailure } from "../../async/pending_calls.ts";
import { PairTransport } from "../web/pair_transport.ts";
import { type Readable, ReadableEnd, type Writable, WritableEnd } from "./stream_ends.ts";

/** A transport over two streams of Node, or over the two sides of one. */
export class StreamsTransport extends PairTransport {
  protected readonly input: Readable;
  protected readonly output: Writable;
  readonly #ends: readonly [ReadableEnd, WritableEnd];

  constructor(input: Readable, output: Writable) {
    const reader = new ReadableEnd(input);
    const writer = new WritableEnd(output);
    super({ readable: { getReader: () => reader }, writable: { getWriter: () => writer } });
    this.input = input;
    this.output = output;
    this.#ends = [reader, writer];
  }

  ref(): void {
    this.input.ref?.();
    this.output.ref?.();
  }

  unref(): void {
    this.input.unref?.();
    this.output.unref?.();
  }

  protected override release(): void {
    for (const end of this.#ends) end.detach();
    this.destroy();
  }

  /** Destroys the streams. */
  protected destroy(): void {
    for (const stream of [this.output, this.input]) ignoreFailure(() => stream.destroy());
  }
}
