import { Arrivals } from "./arrivals.ts";
import { batchesOf, lengthOf, MAX_BATCH } from "./batches.ts";
import { coded } from "./coded.ts";
import type { Address, Transport } from "./transport.ts";

/** What is used of a socket of `node:net` or `node:tls`, so that no runtime's types are needed. */
export interface Socket {
  readonly destroyed: boolean;
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

/** What the socket itself does not tell. */
export interface NodeSocketOptions {
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
  readonly highWaterMark: number;
  /** What stops the peer, and restarts it. */
  readonly flow: { pause(): unknown; resume(): unknown };
  /** Says whether the end that the socket tells of is one: with the error, if it is not. */
  readonly ending: (end: (error?: unknown) => void) => void;
}

/** A socket of Node's kind as a transport. */
export class NodeSocket implements Transport {
  readonly #socket: Socket;
  readonly #arrivals: Arrivals<Uint8Array>;
  /** Those who wait for a write. Node calls back for none of them when the socket goes first. */
  readonly #writers: Set<(error: unknown) => void> = new Set();
  /**
   * The kernel did not take the last write at once. Only then Node is asked to tell when it has: its
   * callback takes a tick of its own, and where it was not asked for, that of an empty write comes behind.
   */
  #late = true;
  #accepted: () => void = ignore;
  #written = 0;
  #error: unknown = undefined;
  #finished = false;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;

  constructor(socket: Socket, options: NodeSocketOptions) {
    this.#socket = socket;
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
    const arrivals = this.#arrivals = new Arrivals(options.flow, options.highWaterMark);
    socket.on("error", (error) => {
      this.#error ??= error;
      arrivals.end({ error });
      this.#giveUp();
    });
    socket.on("close", () => {
      this.#error ??= coded("ECONNABORTED", "the socket is closed");
      arrivals.end({ error: this.#error });
      this.#giveUp();
    });
    socket.on("end", () => {
      options.ending((error) => arrivals.end(error === undefined ? {} : { error }));
    });
    // A plain view: a Buffer has another `slice`.
    socket.on("data", (chunk) => {
      arrivals.push(
        new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length),
        chunk.length,
      );
    });
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

  async #writeBatches(batches: readonly (readonly Uint8Array[])[]): Promise<void> {
    for (const batch of batches) await this.#writeBatch(batch);
  }

  /** Writes a few chunks, with one call of the system. */
  #writeBatch(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    const gone = this.#gone();
    if (gone !== undefined) return Promise.reject(gone);
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

  /** How the write has gone that was just begun: nothing waits in the socket's own queue, or somebody for it. */
  #outcome(): Promise<void> | undefined {
    const asked = this.#late;
    this.#accepted = ignore;
    this.#late = this.#socket.writableLength > 0;
    if (!this.#late) return this.#socket.destroyed ? this.#wait() : undefined;
    return this.#wait((accepted) => {
      this.#accepted = accepted;
      if (!asked) this.#socket.write(NOTHING, this.#done);
    });
  }

  closeWrite(): Promise<void> {
    if (this.#finished) return Promise.resolve();
    const gone = this.#gone();
    if (gone !== undefined) return Promise.reject(gone);
    this.#finished = true;
    return this.#wait((done) => this.#socket.end(() => this.#error === undefined && done()));
  }

  close(): void {
    this.leave();
    this.#socket.destroy();
  }

  abort(): void {
    this.close();
  }

  readonly #done = (error?: Error | null): void => {
    // Node 20 calls back without an error for what a reset has thrown away.
    if (error || this.#socket.destroyed) return;
    // It may be the callback of a write before, which was taken at once.
    if (this.#socket.writableLength === 0) this.#accepted();
  };

  /** This side has ended it: for who reads that is the end, for who writes a failure. */
  protected leave(): void {
    this.#error ??= coded("ECONNABORTED", "the socket was closed here");
    this.#arrivals.end();
    this.#arrivals.clear();
    this.#giveUp();
  }

  /** Why nothing can be written: a write would make Node destroy the socket, or be lost in silence. */
  #gone(): unknown {
    if (this.#error !== undefined) return this.#error;
    if (this.#socket.destroyed) return coded("ECONNABORTED", "the socket is closed");
    return this.#finished ? coded("EPIPE", "this side has finished sending") : undefined;
  }

  /** Waits until `start` calls back, or the socket is gone. */
  #wait(start: (done: () => void) => void = () => {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writers.add(reject);
      start(() => {
        this.#writers.delete(reject);
        resolve();
      });
    });
  }

  #giveUp(): void {
    for (const reject of this.#writers) reject(this.#error);
    this.#writers.clear();
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

function ignore(): void {}
