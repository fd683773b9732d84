import { CLOSED_LOCALLY, CONNECTION_LOST } from "../connection_error.ts";
import type { PairReader, PairWriter } from "../web/stream_pair.ts";
import { detectReset, type HandleSocket } from "./detect_reset.ts";

/**
 * A two-way stream of Node: any `Duplex` of `node:stream`, a `net.Socket`, a `tls.TLSSocket`, or a stream of a
 * library with the same members.
 */
export interface NodeDuplex {
  /** Whether `destroy` has been called. */
  readonly destroyed: boolean;
  /** Returns the buffered bytes; `null` until more arrive. */
  // deno-lint-ignore no-explicit-any
  read(): any;
  /** Writes a chunk. */
  // deno-lint-ignore no-explicit-any
  write(chunk: any, callback: (error?: Error | null) => void): unknown;
  /** Ends the writable side. */
  end(callback: (error?: Error | null) => void): unknown;
  /** Closes both sides. */
  destroy(): unknown;
  /** Adds a listener. */
  // deno-lint-ignore no-explicit-any
  on(event: string, listener: (...values: any[]) => void): unknown;
  /** Removes a listener. */
  // deno-lint-ignore no-explicit-any
  off(event: string, listener: (...values: any[]) => void): unknown;
}

/** The members that not every stream has. */
export interface DuplexDetails {
  readonly errored?: unknown;
  readonly readableEnded?: boolean;
  readonly writableEnded?: boolean;
  readonly writableFinished?: boolean;
  readonly readableFlowing?: boolean | null;
  resume?(): unknown;
}

/**
 * The two sides of a stream of Node, as a reader and a writer of Web Streams. The stream is read by its `read`
 * method, and has a listener for `readable` only while a read waits, so that it buffers as much as it does
 * without us, and another reader can continue after a read.
 */
export class DuplexEnds {
  readonly #stream: NodeDuplex & DuplexDetails;
  /** Rejecters of pending writes. Those that have resolved at the moment of a failure must not reject. */
  readonly #rejecters: Set<(error: unknown) => void> = new Set();
  #ended: boolean;
  #failure: { readonly error: unknown } | undefined = undefined;
  #wake: () => void = () => {};
  readonly reader: PairReader;
  readonly writer: PairWriter;

  constructor(stream: NodeDuplex & DuplexDetails) {
    this.#stream = stream;
    this.#ended = stream.readableEnded === true;
    if (stream.destroyed) this.#onClose();
    // A flowing stream would discard what it receives; a paused socket of Deno 2.9 must be resumed. With this
    // listener, resume() does not make it flow.
    if (typeof stream.readableFlowing === "boolean") {
      stream.on("readable", ignore);
      stream.resume?.();
    }
    stream.on("error", this.#onError);
    stream.on("close", this.#onClose);
    stream.on("end", this.#onEnd);
    const closed = Promise.resolve();
    const unused = () => Promise.resolve();
    this.reader = { closed, read: () => this.#read(), cancel: unused, releaseLock() {} };
    this.writer = {
      closed,
      ready: closed,
      write: (bytes) =>
        this.#call((done) => {
          if (stream.writableEnded) throw CONNECTION_LOST;
          stream.write(bytes, done);
        }),
      // A stream may have ended its writable side with its readable one.
      close: () => stream.writableFinished ? closed : this.#call((done) => stream.end(done)),
      abort: unused,
      releaseLock() {},
    };
  }

  /** Removes all listeners but the one for errors, which would otherwise be uncaught. */
  detach(): void {
    this.#stream.off("close", this.#onClose);
    this.#stream.off("end", this.#onEnd);
    this.#stream.off("readable", ignore);
    this.#fail(CLOSED_LOCALLY);
  }

  async #read(): Promise<{ readonly done: boolean; readonly value?: unknown }> {
    const stream = this.#stream;
    for (;;) {
      // Also after a failure: what has arrived before it is still buffered.
      const value = stream.read();
      if (value !== null) return { done: false, value };
      if (this.#ended) return { done: true };
      if (this.#failure !== undefined) throw this.#failure.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        stream.on("readable", resolve);
      });
      stream.off("readable", this.#wake);
      stream.off("readable", ignore);
    }
  }

  /** Makes a call that writes. Settles when the stream calls back, or has failed. */
  #call(call: (done: (error?: Error | null) => void) => unknown): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure.error;
      this.#rejecters.add(reject);
      call((error) => {
        // Node 20 reports no error for bytes that a reset has discarded; the failure follows.
        if (!error && this.#stream.destroyed) return;
        this.#rejecters.delete(reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #fail(error: unknown): void {
    const failure = this.#failure ??= { error };
    for (const reject of this.#rejecters) reject(failure.error);
    this.#rejecters.clear();
    this.#wake();
  }

  readonly #onError = (error: unknown): void => this.#fail(error);

  readonly #onClose = (): void => this.#fail(this.#stream.errored ?? CONNECTION_LOST);

  readonly #onEnd = (): void => {
    detectReset(this.#stream as unknown as HandleSocket, (failure) => {
      if (failure !== undefined) return this.#fail(failure);
      this.#ended = true;
      this.#wake();
    });
  };
}

function ignore(): void {}
