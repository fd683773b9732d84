import { NOTHING } from "../bytes/nothing.ts";
import { view } from "../bytes/view.ts";
import { PushQueue } from "./push_queue.ts";
import { batchesOf, lengthOf, MAX_BATCH } from "./batches.ts";
import { CONNECTION_LOST, connectionError, type TransportFailure } from "./connection_error.ts";
import { type Addresses, PushTransport } from "./push_transport.ts";

/** The members used of a socket of `node:net` or `node:tls`. */
export interface Socket {
  readonly destroyed: boolean;
  readonly errored?: Error | null;
  readonly writableLength: number;
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "end" | "close", listener: () => void): this;
  write(chunk: Uint8Array, callback?: (error?: Error | null) => void): boolean;
  cork(): void;
  uncork(): void;
  end(callback: () => void): this;
  destroy(): this;
}

/** Properties that the socket does not report. */
export interface NodeSocketOptions extends Addresses {
  readonly highWaterMark: number;
  /** Pauses and resumes reading. */
  readonly flow: { pause(): unknown; resume(): unknown };
  /** Verifies an end that the socket has reported. Calls back with the failure if it is not a clean one. */
  readonly checkEnd: (end: (failure?: TransportFailure) => void) => void;
}

/**
 * A transport over a socket of `node:net` or `node:tls`. A write completes immediately if it leaves the
 * socket's own queue empty. Otherwise it waits for the callback of that write or, if it was made without
 * one, for the callback of an empty write after it:
 *
 * ```text
 *   write(chunk) ──────────── queue empty ──▶ done
 *        └─ queued ──▶ write(nothing, callback) ──▶ wait; later writes pass a callback
 *   write(chunk, callback) ── queue empty ──▶ done; later writes pass none
 *        └─ queued ─────────────────────────▶ wait
 * ```
 */
export abstract class NodeSocket extends PushTransport {
  readonly #socket: Socket;
  /** Rejecters of pending writes: Node drops their callbacks when the socket is destroyed. */
  #rejecters: Set<(failure: TransportFailure) => void> | undefined = undefined;
  /** Whether the last write was queued. Only then does the next one pass a callback, which costs a tick. */
  #wasQueued = true;
  #onAccepted: () => void = ignore;
  /** Whether the socket is sending the end of the stream. */
  #sendingEnd = false;
  /** Called after that. */
  #afterEnd: () => void = ignore;

  constructor(socket: Socket, options: NodeSocketOptions) {
    const received = new PushQueue<Uint8Array>(options.flow, options.highWaterMark);
    super(options, received);
    this.#socket = socket;
    socket.on("error", (error) => this.failed(error));
    socket.on("close", () => this.failed(CONNECTION_LOST));
    socket.on("end", () => {
      options.checkEnd((failure) => {
        // A peer that has truncated its half of the TLS stream may still read the other half.
        if (failure !== undefined && failure.code !== "truncated") this.failed(failure);
        else this.endReceiving(failure);
      });
    });
    socket.on("data", (chunk) => received.push(view(chunk, 0, chunk.length), chunk.length));
  }

  override write(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    if (lengthOf(chunks) <= MAX_BATCH) return this.#writeBatch(chunks);
    return this.#writeBatches(batchesOf(chunks, MAX_BATCH));
  }

  override closeWrite(): Promise<void> {
    if (this.writeClosed) return Promise.resolve();
    const action = "Cannot finish sending";
    const failure = this.writeFailure();
    if (failure !== undefined) return Promise.reject(connectionError(action, failure));
    this.writeClosed = this.#sendingEnd = true;
    return this.#wait(action, (done) => {
      this.#socket.end(() => {
        this.#sendingEnd = false;
        this.#afterEnd();
        if (this.failure === undefined) done();
      });
    });
  }

  override close(): void {
    this.closeLocally();
    this.#socket.destroy();
  }

  /** Calls back once the socket is not sending the end of the stream, usually immediately. */
  protected afterSendingEnd(callback: () => void): void {
    // While writes are queued, the end has not been passed to the kernel.
    if (this.#sendingEnd && this.#socket.writableLength === 0) this.#afterEnd = callback;
    else callback();
  }

  async #writeBatches(batches: readonly (readonly Uint8Array[])[]): Promise<void> {
    for (const batch of batches) await this.#writeBatch(batch);
  }

  /** Writes chunks with one system call. */
  #writeBatch(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    const failure = this.writeFailure();
    if (failure !== undefined) return Promise.reject(connectionError("Cannot send", failure));
    const socket = this.#socket;
    const last = chunks.length - 1;
    if (last < 0) return undefined;
    if (last > 0) socket.cork();
    for (let index = 0; index < last; index++) socket.write(chunks[index]!);
    socket.write(chunks[last]!, this.#wasQueued ? this.#onWritten : undefined);
    if (last > 0) socket.uncork();
    const length = lengthOf(chunks);
    const result = this.#result();
    if (result === undefined) this.written += length;
    return result?.then(() => void (this.written += length));
  }

  /** Returns the result of the last write to the socket. */
  #result(): Promise<void> | undefined {
    const hasCallback = this.#wasQueued;
    this.#onAccepted = ignore;
    this.#wasQueued = this.#socket.writableLength > 0;
    // Node empties its queue before it reports the error of a write.
    const failed = this.#socket.destroyed || this.#socket.errored;
    if (!this.#wasQueued) return failed ? this.#wait("Cannot send") : undefined;
    return this.#wait("Cannot send", (accepted) => {
      this.#onAccepted = accepted;
      if (!hasCallback) this.#socket.write(NOTHING, this.#onWritten);
    });
  }

  readonly #onWritten = (error?: Error | null): void => {
    // Node 20 reports no error for bytes that a reset has discarded.
    if (error || this.#socket.destroyed) return;
    // This may be the callback of an earlier write, which was accepted immediately.
    if (this.#socket.writableLength === 0) this.#onAccepted();
  };

  /** Returns why a write is impossible: it would make Node destroy the socket, or be lost silently. */
  protected override writeFailure(): TransportFailure | undefined {
    return super.writeFailure() ?? (this.#socket.destroyed ? CONNECTION_LOST : undefined);
  }

  /** Waits until `start` calls back or the socket fails. */
  #wait(action: string, start: (done: () => void) => void = ignore): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (failure: TransportFailure) => reject(connectionError(action, failure));
      const rejecters = this.#rejecters ??= new Set();
      rejecters.add(fail);
      start(() => {
        rejecters.delete(fail);
        resolve();
      });
    });
  }

  protected override rejectWrites(failure: TransportFailure): void {
    for (const fail of this.#rejecters ?? []) fail(failure);
    this.#rejecters?.clear();
  }
}

function ignore(): void {}
