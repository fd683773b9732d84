import { CLOSED_LOCALLY, CONNECTION_LOST } from "../connection_error.ts";
import type { PairReader, PairWriter } from "../web/stream_pair.ts";
import { detectReset, type HandleSocket } from "./detect_reset.ts";
import type { NodeDuplex } from "./duplex.ts";

/** The members that streams of both kinds have. Files cannot be kept from ending the process. */
interface NodeStream extends Pick<NodeDuplex, "destroyed" | "destroy" | "on" | "off"> {
  readonly errored?: unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** The members used of a `Readable` of `node:stream`. */
export interface Readable extends NodeStream, Pick<NodeDuplex, "read"> {
  readonly readableEnded?: boolean;
  readonly readableFlowing?: boolean | null;
  resume?(): unknown;
}

/** The members used of a `Writable` of `node:stream`. */
export interface Writable extends NodeStream, Pick<NodeDuplex, "write" | "end"> {
  readonly writableEnded?: boolean;
  readonly writableFinished?: boolean;
}

/** One side of a stream of Node, up to its first failure. */
abstract class StreamEnd {
  readonly closed: Promise<void> = Promise.resolve();
  protected failure: { readonly error: unknown } | undefined;
  /** Each removes a listener. */
  readonly #removals: (() => void)[] = [];

  constructor(stream: NodeStream) {
    const lost = () => stream.errored ?? CONNECTION_LOST;
    if (stream.destroyed) this.failure = { error: lost() };
    stream.on("error", (error) => this.fail(error));
    this.listen(stream, "close", () => this.fail(lost()));
  }

  /** Removes all listeners but the one for errors, which would otherwise be uncaught. */
  detach(): void {
    for (const remove of this.#removals) remove();
    this.fail(CLOSED_LOCALLY);
  }

  releaseLock(): void {}

  protected listen(stream: NodeStream, event: string, listener: () => void): void {
    stream.on(event, listener);
    this.#removals.push(() => stream.off(event, listener));
  }

  protected fail(error: unknown): void {
    this.failure ??= { error };
    this.failed(this.failure.error);
  }

  /** Settles pending calls after the first failure. */
  protected abstract failed(error: unknown): void;
}

/**
 * The readable side of a stream of Node, as a reader of Web Streams. The stream is read by its `read` method, and
 * has a listener for `readable` only while a read waits, so that it buffers as much as it does without us, and
 * another reader can continue after a read.
 */
export class ReadableEnd extends StreamEnd implements PairReader {
  readonly #stream: Readable;
  #ended: boolean;
  #wake: () => void = ignore;

  constructor(stream: Readable) {
    super(stream);
    this.#stream = stream;
    this.#ended = stream.readableEnded === true;
    this.listen(stream, "end", () => {
      detectReset(stream as unknown as HandleSocket, (failure) => {
        if (failure !== undefined) return this.fail(failure);
        this.#ended = true;
        this.#wake();
      });
    });
    // A flowing stream would discard what it receives; a paused socket of Deno 2.9 must be resumed. With this
    // listener, resume() does not make it flow.
    if (typeof stream.readableFlowing !== "boolean") return;
    this.listen(stream, "readable", ignore);
    stream.resume?.();
  }

  async read(): Promise<{ readonly done: boolean; readonly value?: unknown }> {
    const stream = this.#stream;
    for (;;) {
      // Also after a failure: what has arrived before it is still buffered.
      const value = stream.read();
      if (value !== null) return { done: false, value };
      if (this.#ended) return { done: true };
      if (this.failure !== undefined) throw this.failure.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        stream.on("readable", resolve);
      });
      stream.off("readable", this.#wake);
      stream.off("readable", ignore);
    }
  }

  cancel(): Promise<void> {
    return this.closed;
  }

  protected override failed(): void {
    this.#wake();
  }
}

/** The writable side of a stream of Node, as a writer of Web Streams. */
export class WritableEnd extends StreamEnd implements PairWriter {
  readonly #stream: Writable;
  /** Rejecters of pending calls. Those that have resolved at the moment of a failure must not reject. */
  readonly #rejecters: Set<(error: unknown) => void> = new Set();
  readonly ready: Promise<void> = this.closed;

  constructor(stream: Writable) {
    super(stream);
    this.#stream = stream;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#call((done) => {
      if (this.#stream.writableEnded) throw CONNECTION_LOST;
      this.#stream.write(bytes, done);
    });
  }

  close(): Promise<void> {
    // A stream may have ended its writable side with its readable one.
    if (this.#stream.writableFinished) return this.closed;
    return this.#call((done) => this.#stream.end(done));
  }

  abort(): Promise<void> {
    return this.closed;
  }

  protected override failed(error: unknown): void {
    for (const reject of this.#rejecters) reject(error);
    this.#rejecters.clear();
  }

  /** Makes a call. Settles when the stream calls back, or has failed. */
  #call(call: (done: (error?: Error | null) => void) => unknown): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.failure !== undefined) throw this.failure.error;
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
}

function ignore(): void {}
