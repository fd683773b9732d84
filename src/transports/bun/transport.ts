import { PushQueue } from "../push_queue.ts";
import type { BunReceiver, BunSocket } from "./socket.ts";
import { CONNECTION_LOST, connectionError, type TransportFailure } from "../connection_error.ts";
import { type Addresses, PushTransport } from "../push_transport.ts";

/** Properties that the socket does not report. */
export interface BunTransportOptions extends Addresses {
  readonly highWaterMark: number;
}

/** A transport over a Bun socket, plain or the decrypted side of TLS. */
export class BunTransport extends PushTransport implements BunReceiver {
  readonly #socket: BunSocket;
  /** Chunks that the kernel has not accepted yet. */
  #pending: readonly Uint8Array[] = NO_CHUNKS;
  /** The resolvers of the pending write. */
  #writer: Writer | undefined;
  /** The promise of the pending write. */
  #writing: Promise<void> | undefined;

  constructor(
    socket: BunSocket,
    options: BunTransportOptions,
    received: PushQueue<Uint8Array> = new PushQueue(socket, options.highWaterMark),
  ) {
    super(options, received);
    // The `data` option of a listener would be shared by all of its connections.
    socket.data = this;
    this.#socket = socket;
  }

  override write(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    if (this.writeFailure() === undefined) this.#pending = this.#writeSome(chunks);
    const failure = this.writeFailure();
    if (failure !== undefined) return Promise.reject(connectionError("Cannot send", failure));
    if (this.#pending.length === 0) return undefined;
    return this.#writing = new Promise((resolve, reject) => this.#writer = { resolve, reject });
  }

  override async closeWrite(): Promise<void> {
    if (this.writeClosed) return;
    await this.#writing;
    const failure = this.writeFailure();
    if (failure !== undefined) throw connectionError("Cannot finish sending", failure);
    this.writeClosed = true;
    this.#socket.shutdown();
  }

  override close(): void {
    const unfinished = this.#writer !== undefined;
    this.closeLocally();
    // A truncated stream must not appear complete; with TLS, Bun's `close` would wait to send the rest.
    if (unfinished) return this.#socket.terminate();
    // With TLS, Bun may retain the end of an accepted record, and keep the process running.
    this.#socket.unref();
    this.#socket.close();
  }

  override abort(): void {
    this.closeLocally();
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
    if (this.#pending.length === 0) this.#endWrite()?.resolve();
  }

  ended(): void {
    this.endReceiving(this.endFailure());
  }

  closed(error?: unknown): void {
    if (error === undefined && this.writeClosed) this.ended();
    this.failed(error ?? CONNECTION_LOST);
  }

  /** Returns the failure if the end that Bun reported is not a clean one. */
  protected endFailure(): TransportFailure | undefined {
    return undefined;
  }

  protected override rejectWrites(failure: TransportFailure): void {
    this.#endWrite()?.reject(connectionError("Cannot send", failure));
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
      this.written += count;
      if (count < chunk.length) return [chunk.subarray(count), ...chunks.slice(index + 1)];
    }
    return NO_CHUNKS;
  }

  /** Returns the resolvers of the pending write, which is no longer pending. */
  #endWrite(): Writer | undefined {
    const writer = this.#writer;
    this.#writer = this.#writing = undefined;
    this.#pending = NO_CHUNKS;
    return writer;
  }
}

interface Writer {
  resolve(): void;
  reject(error: unknown): void;
}

const NO_CHUNKS: readonly Uint8Array[] = [];
