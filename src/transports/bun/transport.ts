import { Arrivals } from "../arrivals.ts";
import type { BunReceiver, BunSocket } from "./socket.ts";
import {
  CLOSED,
  connectionError,
  type Failure,
  failureOf,
  FINISHED,
  LOST,
} from "../connection_error.ts";
import type { Address, Transport } from "../transport.ts";

/** Facts that the socket itself does not know. */
export interface BunTransportOptions {
  readonly highWaterMark: number;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
}

/** A socket of Bun's as a transport, whether plain or the decrypted side of TLS. */
export class BunTransport implements Transport, BunReceiver {
  readonly #socket: BunSocket;
  readonly #arrivals: Arrivals<Uint8Array>;
  #written = 0;
  /** Chunks that the kernel has not accepted yet. */
  #rest: readonly Uint8Array[] = NO_CHUNKS;
  /** The resolvers of the pending write, and its promise. */
  #writer: { resolve(): void; reject(error: unknown): void } | undefined = undefined;
  #writing: Promise<void> | undefined = undefined;
  #finished = false;
  #failure: Failure | undefined = undefined;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;

  constructor(socket: BunSocket, options: BunTransportOptions) {
    // The option `data` would be one object that all connections of a listener share.
    socket.data = this;
    this.#socket = socket;
    this.#arrivals = new Arrivals(socket, options.highWaterMark);
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
  }

  get written(): number {
    return this.#written;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#arrivals.read();
  }

  write(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    const gone = this.#gone();
    if (gone === undefined) this.#rest = this.#accepted(chunks);
    const failure = gone ?? this.#failure;
    if (failure !== undefined) return Promise.reject(connectionError("Cannot send", failure));
    if (this.#rest.length === 0) return undefined;
    return this.#writing = new Promise((resolve, reject) => this.#writer = { resolve, reject });
  }

  async closeWrite(): Promise<void> {
    if (this.#finished) return;
    await this.#writing;
    const gone = this.#gone();
    if (gone !== undefined) throw connectionError("Cannot finish sending", gone);
    this.#finished = true;
    this.#socket.shutdown();
  }

  close(): void {
    const cut = this.#writer !== undefined;
    this.#leave();
    // A stream that is cut off must not look complete; with TLS, Bun's own close would wait to send the rest.
    if (cut) return this.#socket.terminate();
    // With TLS, Bun may keep the tail of a record that it accepted, and the process with it.
    this.#socket.unref();
    this.#socket.close();
  }

  abort(): void {
    this.#leave();
    this.#socket.terminate();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  arrived(chunk: Uint8Array): void {
    this.#arrivals.push(chunk, chunk.length);
  }

  drained(): void {
    if (this.#writer === undefined) return;
    this.#rest = this.#accepted(this.#rest);
    if (this.#rest.length === 0) this.#settle();
  }

  ended(): void {
    const failure = this.ending();
    this.#arrivals.end(failure && { error: connectionError("Cannot receive", failure) });
  }

  failed(cause: unknown): void {
    const first = this.#failure ??= failureOf(cause);
    const arrivals = this.#arrivals;
    if (!arrivals.ended) arrivals.end({ error: connectionError("Cannot receive", first) });
    this.#settle();
  }

  closed(error?: unknown): void {
    if (error === undefined && this.#finished) this.ended();
    this.failed(error ?? LOST);
  }

  /** Stops the peer until the next read. */
  protected pause(): void {
    this.#arrivals.pause();
  }

  /** Whether a read is pending. */
  protected get reading(): boolean {
    return this.#arrivals.reading;
  }

  /** Whether bytes have arrived that have not been read. */
  protected get unread(): boolean {
    return this.#arrivals.waiting > 0;
  }

  /** Returns the failure if the end that Bun has reported is not a clean one. */
  protected ending(): Failure | undefined {
    return undefined;
  }

  /** Closes locally: reads end, writes fail. */
  #leave(): void {
    this.#arrivals.end();
    this.#arrivals.clear();
    this.failed(CLOSED);
  }

  /** Why nothing can be written. */
  #gone(): Failure | undefined {
    return this.#finished ? FINISHED : this.#failure;
  }

  /** Writes as much as the kernel accepts, and returns the remaining chunks. */
  #accepted(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    for (let index = 0; index < chunks.length; index++) {
      const chunk = chunks[index]!;
      const count = this.#socket.write(chunk);
      if (count < 0) {
        this.failed(LOST);
        return NO_CHUNKS;
      }
      this.#written += count;
      if (count < chunk.length) return [chunk.subarray(count), ...chunks.slice(index + 1)];
    }
    return NO_CHUNKS;
  }

  /** Settles the pending write: everything was accepted, or it never will be. */
  #settle(): void {
    const writer = this.#writer;
    this.#writer = this.#writing = undefined;
    this.#rest = NO_CHUNKS;
    if (this.#failure === undefined) writer?.resolve();
    else writer?.reject(connectionError("Cannot send", this.#failure));
  }
}

const NO_CHUNKS: readonly Uint8Array[] = [];
