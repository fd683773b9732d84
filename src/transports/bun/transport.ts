import { PushQueue } from "../push_queue.ts";
import type { BunReceiver, BunSocket } from "./socket.ts";
import {
  CLOSED_LOCALLY,
  CONNECTION_LOST,
  connectionError,
  failureOf,
  type TransportFailure,
  WRITE_CLOSED,
} from "../connection_error.ts";
import type { Address, Transport } from "../transport.ts";

/** Properties that the socket does not report. */
export interface BunTransportOptions {
  readonly highWaterMark: number;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
}

/** A transport over a Bun socket, plain or the decrypted side of TLS. */
export class BunTransport implements Transport, BunReceiver {
  readonly #socket: BunSocket;
  readonly received: PushQueue<Uint8Array>;
  #written = 0;
  /** Chunks that the kernel has not accepted yet. */
  #pending: readonly Uint8Array[] = NO_CHUNKS;
  /** The resolvers of the pending write. */
  #writer: { resolve(): void; reject(error: unknown): void } | undefined = undefined;
  /** The promise of the pending write. */
  #writing: Promise<void> | undefined = undefined;
  #writeClosed = false;
  #failure: TransportFailure | undefined = undefined;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;

  constructor(
    socket: BunSocket,
    options: BunTransportOptions,
    received: PushQueue<Uint8Array> = new PushQueue(socket, options.highWaterMark),
  ) {
    // The `data` option of a listener would be shared by all of its connections.
    socket.data = this;
    this.#socket = socket;
    this.received = received;
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
  }

  get written(): number {
    return this.#written;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.received.read();
  }

  write(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    if (this.#writeFailure() === undefined) this.#pending = this.#writeSome(chunks);
    const failure = this.#writeFailure();
    if (failure !== undefined) return Promise.reject(connectionError("Cannot send", failure));
    if (this.#pending.length === 0) return undefined;
    return this.#writing = new Promise((resolve, reject) => this.#writer = { resolve, reject });
  }

  async closeWrite(): Promise<void> {
    if (this.#writeClosed) return;
    await this.#writing;
    const failure = this.#writeFailure();
    if (failure !== undefined) throw connectionError("Cannot finish sending", failure);
    this.#writeClosed = true;
    this.#socket.shutdown();
  }

  close(): void {
    const unfinished = this.#writer !== undefined;
    this.#closeLocally();
    // A truncated stream must not appear complete; with TLS, Bun's `close` would wait to send the rest.
    if (unfinished) return this.#socket.terminate();
    // With TLS, Bun may retain the end of an accepted record, and keep the process running.
    this.#socket.unref();
    this.#socket.close();
  }

  abort(): void {
    this.#closeLocally();
    this.#socket.terminate();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  drained(): void {
    if (this.#writer === undefined) return;
    this.#pending = this.#writeSome(this.#pending);
    if (this.#pending.length === 0) this.#settleWrite();
  }

  ended(): void {
    const failure = this.endFailure();
    this.received.end(failure && { error: connectionError("Cannot receive", failure) });
  }

  failed(cause: unknown): void {
    const first = this.#failure ??= failureOf(cause);
    const received = this.received;
    if (!received.ended) received.end({ error: connectionError("Cannot receive", first) });
    this.#settleWrite();
  }

  closed(error?: unknown): void {
    if (error === undefined && this.#writeClosed) this.ended();
    this.failed(error ?? CONNECTION_LOST);
  }

  /** Pauses the socket until the next read. */
  protected pause(): void {
    this.received.pause();
  }

  /** Whether a read is pending. */
  protected get reading(): boolean {
    return this.received.reading;
  }

  /** Whether received bytes are unread. */
  protected get unread(): boolean {
    return this.received.length > 0;
  }

  /** Returns the failure if the end that Bun reported is not a clean one. */
  protected endFailure(): TransportFailure | undefined {
    return undefined;
  }

  /** Closes on this side: reads end, writes reject. */
  #closeLocally(): void {
    this.received.end();
    this.received.clear();
    this.failed(CLOSED_LOCALLY);
  }

  /** Returns why a write is impossible. */
  #writeFailure(): TransportFailure | undefined {
    return this.#writeClosed ? WRITE_CLOSED : this.#failure;
  }

  /** Writes what the kernel accepts, and returns the remaining chunks. */
  #writeSome(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    for (let index = 0; index < chunks.length; index++) {
      const chunk = chunks[index]!;
      const count = this.#socket.write(chunk);
      if (count < 0) {
        this.failed(CONNECTION_LOST);
        return NO_CHUNKS;
      }
      this.#written += count;
      if (count < chunk.length) return [chunk.subarray(count), ...chunks.slice(index + 1)];
    }
    return NO_CHUNKS;
  }

  /** Settles the pending write: the kernel has accepted it, or the socket has failed. */
  #settleWrite(): void {
    const writer = this.#writer;
    this.#writer = this.#writing = undefined;
    this.#pending = NO_CHUNKS;
    if (this.#failure === undefined) writer?.resolve();
    else writer?.reject(connectionError("Cannot send", this.#failure));
  }
}

const NO_CHUNKS: readonly Uint8Array[] = [];
