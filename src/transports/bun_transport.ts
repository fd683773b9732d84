import { Arrivals } from "./arrivals.ts";
import type { BunReceiver, BunSocket } from "./bun_socket.ts";
import { coded } from "./coded.ts";
import type { Address, Transport } from "./transport.ts";

/** What a transport knows besides its socket. */
export interface BunTransportOptions {
  readonly highWaterMark: number;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
}

/** A socket of Bun's as a transport, whether plain or of what is inside of TLS. */
export class BunTransport implements Transport, BunReceiver {
  readonly #socket: BunSocket;
  readonly #arrivals: Arrivals<Uint8Array>;
  #written = 0;
  /** Chunks that the kernel has not accepted yet, the first one from `#at` on. */
  #rest: readonly Uint8Array[] = NO_CHUNKS;
  #writer: { resolve(): void; reject(error: unknown): void } | undefined = undefined;
  #writing: Promise<void> | undefined = undefined;
  #finished = false;
  #error: unknown = undefined;
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
    if (gone !== undefined) return Promise.reject(gone);
    this.#rest = this.#accepted(chunks);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#rest.length === 0) return undefined;
    return this.#writing = new Promise((resolve, reject) => this.#writer = { resolve, reject });
  }

  async closeWrite(): Promise<void> {
    if (this.#finished) return;
    await this.#writing;
    const gone = this.#gone();
    if (gone !== undefined) throw gone;
    this.#finished = true;
    this.#socket.shutdown();
  }

  close(): void {
    const cut = this.#writer !== undefined;
    this.#leave();
    // What was cut off must not look like an end; by TLS, Bun's own close would wait to send the rest.
    if (cut) return this.#socket.terminate();
    // By TLS, Bun may keep the tail of a record that it took, and the process with it.
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
    const error = this.ending();
    this.#arrivals.end(error === undefined ? {} : { error });
  }

  failed(error: unknown): void {
    this.#error ??= error;
    this.#arrivals.end({ error });
    this.#settle();
  }

  closed(error?: unknown): void {
    if (error === undefined && this.#finished) this.ended();
    this.failed(error ?? coded("ECONNABORTED", "the socket is closed"));
  }

  /** Stops the peer until somebody reads. */
  protected pause(): void {
    this.#arrivals.pause();
  }

  /** Bytes have come that nobody has read. */
  protected get unread(): boolean {
    return this.#arrivals.waiting > 0;
  }

  /** Why the end that Bun tells of is none. */
  protected ending(): Error | undefined {
    return undefined;
  }

  /** This side has ended it: for who reads that is the end, for who writes a failure. */
  #leave(): void {
    this.#arrivals.end();
    this.#arrivals.clear();
    this.failed(coded("ECONNABORTED", "the socket was closed here"));
  }

  /** Why nothing can be written. */
  #gone(): unknown {
    if (this.#error !== undefined) return this.#error;
    return this.#finished ? coded("EPIPE", "this side has finished sending") : undefined;
  }

  /** Writes as much as the kernel accepts, and returns the remaining chunks. */
  #accepted(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    for (const [index, chunk] of chunks.entries()) {
      const count = this.#socket.write(chunk);
      if (count < 0) {
        this.failed(coded("EPIPE", "the socket is closed"));
        return NO_CHUNKS;
      }
      this.#written += count;
      if (count < chunk.length) return [chunk.subarray(count), ...chunks.slice(index + 1)];
    }
    return NO_CHUNKS;
  }

  /** Settles the pending write: all of it was written, or it never will be. */
  #settle(): void {
    const writer = this.#writer;
    this.#writer = this.#writing = undefined;
    this.#rest = NO_CHUNKS;
    if (this.#error === undefined) writer?.resolve();
    else writer?.reject(this.#error);
  }
}

const NO_CHUNKS: readonly Uint8Array[] = [];
