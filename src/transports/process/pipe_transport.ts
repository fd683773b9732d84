import { concat } from "../../bytes/concat.ts";
import { PendingCalls } from "../../async/pending_calls.ts";
import { batchesOf, MAX_BATCH } from "../batches.ts";
import {
  CLOSED_LOCALLY,
  CONNECTION_LOST,
  connectionError,
  failureOf,
  type TransportFailure,
  WRITE_CLOSED,
} from "../connection_error.ts";
import type { Transport } from "../transport.ts";
import { PipeReader, type Readable } from "./pipe_reader.ts";

type Done = (error?: Error | null) => void;

/** The members used of a `Writable` of `node:stream`. */
export interface Writable {
  readonly destroyed: boolean;
  on(event: "close" | "error", listener: (error: Error) => void): unknown;
  write(chunk: Uint8Array, done: Done): unknown;
  end(done: Done): unknown;
  destroy(): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** A transport over two Node streams, such as pipes. Each direction ends and fails on its own. */
export class PipeTransport implements Transport {
  protected readonly reader: PipeReader;
  protected readonly input: Readable;
  protected readonly output: Writable;
  readonly #calls: PendingCalls = new PendingCalls();
  #failure: TransportFailure | undefined = undefined;
  #writeClosed = false;
  #written = 0;

  constructor(input: Readable, output: Writable) {
    this.input = input;
    this.output = output;
    this.reader = new PipeReader(input);
    output.on("error", (error) => this.#fail(failureOf(error)));
    // Node closes the stdin of a child process that has exited.
    output.on("close", () => this.#fail(CONNECTION_LOST));
  }

  get written(): number {
    return this.#written;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.reader.read();
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const batch of batchesOf(chunks, MAX_BATCH)) {
      const failure = this.#writeClosed ? WRITE_CLOSED : this.#failure;
      if (failure !== undefined) throw connectionError("Cannot send", failure);
      const bytes = batch.length === 1 ? batch[0]! : concat(batch);
      try {
        // The `writableLength` of Bun 1.4 is always 0: only the callback shows that bytes were accepted.
        await this.#call((done) => this.output.write(bytes, done));
      } catch (error) {
        throw connectionError("Cannot send", this.#fail(failureOf(error)));
      }
      this.#written += bytes.length;
    }
  }

  /** Never rejects: every byte has been accepted, and a reader that is gone needs no end. */
  async closeWrite(): Promise<void> {
    if (this.#writeClosed) return;
    this.#writeClosed = true;
    await this.#call((done) => this.output.end(done)).catch(() => {});
  }

  close(): void {
    this.closeWriting();
    this.reader.end();
    this.input.destroy();
  }

  abort(): void {
    this.close();
  }

  ref(): void {
    this.input.ref?.();
    this.output.ref?.();
  }

  unref(): void {
    this.input.unref?.();
    this.output.unref?.();
  }

  /** Closes the output on this side: writes reject. */
  protected closeWriting(): void {
    this.#fail(CLOSED_LOCALLY);
    this.output.destroy();
  }

  /** Makes a call with a callback, which Node may drop when the stream is destroyed. */
  #call(call: (done: Done) => void): Promise<void> {
    return this.#calls.run(() =>
      new Promise((resolve, reject) =>
        call((error) => {
          // Node 20 reports no error for bytes that it has discarded.
          if (error || this.output.destroyed) reject(error ?? CONNECTION_LOST);
          else resolve();
        })
      )
    );
  }

  /** Returns the first failure. */
  #fail(failure: TransportFailure): TransportFailure {
    const first = this.#failure ??= failure;
    this.#calls.abandon(first);
    return first;
  }
}
