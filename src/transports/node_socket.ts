import { NOTHING } from "../bytes/nothing.ts";
import { view } from "../bytes/view.ts";
import { Arrivals } from "./arrivals.ts";
import { batchesOf, lengthOf, MAX_BATCH } from "./batches.ts";
import {
  CLOSED,
  connectionError,
  type Failure,
  failureOf,
  FINISHED,
  LOST,
} from "./connection_error.ts";
import type { Address, Transport } from "./transport.ts";

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

/** Facts that the socket itself does not know. */
export interface NodeSocketOptions {
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
  readonly highWaterMark: number;
  /** Stops and restarts the peer. */
  readonly flow: { pause(): unknown; resume(): unknown };
  /** Finds out whether the end that the socket has reported is one, and calls back with the failure if not. */
  readonly ending: (end: (failure?: Failure) => void) => void;
}

/**
 * A socket of `node:net` or `node:tls` as a transport. A write returns at once if nothing is left in the
 * socket's own queue; otherwise it waits for the callback of that write, or, if it was made without one,
 * for that of an empty write after it:
 *
 * ```text
 *   write(chunk) ──────────── queue empty ──▶ done, no callback asked for
 *        └─ some of it queued ──▶ write(nothing, callback) ──▶ wait; ask for callbacks from now on
 *   write(chunk, callback) ── queue empty ──▶ done, ask for none from now on
 *        └─ some of it queued ──────────────▶ wait
 * ```
 */
export class NodeSocket implements Transport {
  readonly #socket: Socket;
  readonly #arrivals: Arrivals<Uint8Array>;
  /** Rejecters of pending writes; Node drops their callbacks when the socket is destroyed. */
  #waiting: Set<(failure: Failure) => void> | undefined = undefined;
  /** Whether the kernel did not accept the last write at once. A callback costs a tick, so it is rarely asked for. */
  #late = true;
  #accepted: () => void = ignore;
  #written = 0;
  #failure: Failure | undefined = undefined;
  #finished = false;
  /** Whether the socket is sending the end of the stream, and what is called afterwards. */
  #ending = false;
  #ended: () => void = ignore;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;

  constructor(socket: Socket, options: NodeSocketOptions) {
    this.#socket = socket;
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
    const arrivals = this.#arrivals = new Arrivals(options.flow, options.highWaterMark);
    socket.on("error", (error) => this.#fail(failureOf(error)));
    socket.on("close", () => this.#fail(LOST));
    socket.on("end", () => {
      options.ending((failure) => {
        // A peer that has truncated its own half of TLS may still read the other one.
        if (failure !== undefined && failure.code !== "truncated") return this.#fail(failure);
        arrivals.end(failure && { error: connectionError("Cannot receive", failure) });
      });
    });
    socket.on("data", (chunk) => arrivals.push(view(chunk, 0, chunk.length), chunk.length));
  }

  get written(): number {
    return this.#written;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#arrivals.read();
  }

  write(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    if (lengthOf(chunks) <= MAX_BATCH) return this.#writeBatch(chunks);
    return this.#writeBatches(batchesOf(chunks, MAX_BATCH));
  }

  closeWrite(): Promise<void> {
    if (this.#finished) return Promise.resolve();
    const action = "Cannot finish sending";
    const gone = this.#gone();
    if (gone !== undefined) return Promise.reject(connectionError(action, gone));
    this.#finished = this.#ending = true;
    return this.#wait(action, (done) => {
      this.#socket.end(() => {
        this.#ending = false;
        this.#ended();
        if (this.#failure === undefined) done();
      });
    });
  }

  close(): void {
    this.leave();
    this.#socket.destroy();
  }

  abort(): void {
    this.close();
  }

  /** Calls back when the kernel is not about to send the end of the stream, which is mostly at once. */
  protected unlessEnding(callback: () => void): void {
    // While writes are queued, the end has not been handed to the kernel.
    if (this.#ending && this.#socket.writableLength === 0) this.#ended = callback;
    else callback();
  }

  /** Whether a read is pending. */
  protected get reading(): boolean {
    return this.#arrivals.reading;
  }

  /** Closes locally: reads end, writes fail. */
  protected leave(): void {
    this.#arrivals.end();
    this.#arrivals.clear();
    this.#fail(CLOSED);
  }

  async #writeBatches(batches: readonly (readonly Uint8Array[])[]): Promise<void> {
    for (const batch of batches) await this.#writeBatch(batch);
  }

  /** Writes a few chunks, with one call of the system. */
  #writeBatch(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    const gone = this.#gone();
    if (gone !== undefined) return Promise.reject(connectionError("Cannot send", gone));
    const socket = this.#socket;
    const last = chunks.length - 1;
    if (last < 0) return undefined;
    if (last > 0) socket.cork();
    for (let index = 0; index < last; index++) socket.write(chunks[index]!);
    socket.write(chunks[last]!, this.#late ? this.#done : undefined);
    if (last > 0) socket.uncork();
    const length = lengthOf(chunks);
    const outcome = this.#outcome();
    if (outcome === undefined) this.#written += length;
    return outcome?.then(() => void (this.#written += length));
  }

  /** The outcome of the write that was just made. */
  #outcome(): Promise<void> | undefined {
    const asked = this.#late;
    this.#accepted = ignore;
    this.#late = this.#socket.writableLength > 0;
    // Node empties its queue before it reports the error of a write.
    const failed = this.#socket.destroyed || this.#socket.errored;
    if (!this.#late) return failed ? this.#wait("Cannot send") : undefined;
    return this.#wait("Cannot send", (accepted) => {
      this.#accepted = accepted;
      if (!asked) this.#socket.write(NOTHING, this.#done);
    });
  }

  readonly #done = (error?: Error | null): void => {
    // Node 20 calls back without an error for bytes that a reset has discarded.
    if (error || this.#socket.destroyed) return;
    // It may be the callback of an earlier write, which was accepted at once.
    if (this.#socket.writableLength === 0) this.#accepted();
  };

  /** Why nothing can be written: a write would make Node destroy the socket, or be lost silently. */
  #gone(): Failure | undefined {
    if (this.#finished) return FINISHED;
    if (this.#failure !== undefined) return this.#failure;
    return this.#socket.destroyed ? LOST : undefined;
  }

  /** Waits until `start` calls back, or until the socket is gone. */
  #wait(action: string, start: (done: () => void) => void = ignore): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (failure: Failure) => reject(connectionError(action, failure));
      const waiting = this.#waiting ??= new Set();
      waiting.add(fail);
      start(() => {
        waiting.delete(fail);
        resolve();
      });
    });
  }

  #fail(failure: Failure): void {
    const first = this.#failure ??= failure;
    const arrivals = this.#arrivals;
    if (!arrivals.ended) arrivals.end({ error: connectionError("Cannot receive", first) });
    for (const fail of this.#waiting ?? []) fail(first);
    this.#waiting?.clear();
  }
}

function ignore(): void {}
