import { afterTurn } from "../../async/after_turn.ts";
import { concat } from "../../bytes/concat.ts";
import { ConnectionError } from "../../errors.ts";
import { batchesOf } from "../batches.ts";
import {
  CLOSED_LOCALLY,
  connectionError,
  failureOf,
  TransportFailure,
  WRITE_CLOSED,
} from "../connection_error.ts";
import { ignoreFailure, PendingCalls } from "../../async/pending_calls.ts";
import type { PairWritable, PairWriter, StreamPair } from "./stream_pair.ts";
import { chunkBytes, type ReadResult, type StreamReader, streamReader } from "./stream_reader.ts";
import type { Address, Transport } from "../transport.ts";

/** Maximum number of bytes per write: longer writes end the connection on Workers (cloudflare/workerd#7074). */
const MAX_WRITE = 65_536;

/**
 * Number of bytes to read per turn of the event loop. Streams in memory deliver in microtasks, and a loop
 * over their messages would keep all transports from sending.
 */
const YIELD_AFTER = 65_536;

/** A transport over any pair of Web Streams of bytes. Calls of the streams may throw or never settle. */
export class PairTransport implements Transport {
  protected readonly pair: StreamPair;
  readonly #reader: StreamReader;
  readonly #writer: PairWriter;
  readonly #calls: PendingCalls = new PendingCalls();
  /** Settles when the connection is established; then `undefined`. */
  #opening: Promise<void> | undefined;
  #writeClosed = false;
  #closed = false;
  #failure: TransportFailure | undefined = undefined;
  #written = 0;
  /** Whether anything has been received. */
  protected hasReceived = false;
  /** Number of bytes read in this turn of the event loop. */
  #readInTurn = 0;
  #localAddress: Address | undefined = undefined;
  #remoteAddress: Address | undefined = undefined;

  /** @throws {TypeError} One of the streams is already locked. */
  constructor(pair: StreamPair, reader: StreamReader = streamReader(pair.readable)) {
    this.pair = pair;
    this.#reader = reader;
    this.#writer = writerOf(pair.writable);
    this.#opening = pair.opened?.then((ends) => {
      this.#opening = undefined;
      this.#localAddress = addressOf(ends?.localAddress);
      this.#remoteAddress = addressOf(ends?.remoteAddress);
    });
    this.#opening?.catch(() => {});
    pair.closed?.catch?.(() => {});
  }

  get localAddress(): Address | undefined {
    return this.#localAddress;
  }

  get remoteAddress(): Address | undefined {
    return this.#remoteAddress;
  }

  get written(): number {
    return this.#written;
  }

  async read(): Promise<Uint8Array | undefined> {
    while (!this.#closed) {
      let result: ReadResult;
      try {
        // A read before the connection is established, or if it fails, returns the end (workerd 20260426).
        if (this.#opening !== undefined) await this.opened();
        result = await this.#calls.run(() => this.#reader.read());
        const failure = result.done ? this.endFailure() : undefined;
        if (failure !== undefined) throw failure;
      } catch (error) {
        if (this.#closed) return undefined;
        throw this.#fail("Cannot receive", error);
      }
      if (result.done) return undefined;
      // Streams may deliver empty chunks.
      const bytes = chunkBytes(result.value);
      this.#readInTurn += bytes.length;
      if (this.#readInTurn >= YIELD_AFTER) await this.#nextTurn();
      if (bytes.length === 0) continue;
      this.hasReceived = true;
      return bytes;
    }
    return undefined;
  }

  #nextTurn(): Promise<void> {
    this.#readInTurn = 0;
    // A timer instead would take milliseconds.
    return new Promise((resolve) => "setImmediate" in globalThis ? afterTurn(resolve) : resolve());
  }

  /** Writes nothing after a failure: such a write might never settle (workerd 20260730). */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    try {
      await this.opened();
      for (const batch of batchesOf(chunks, MAX_WRITE)) {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#writeClosed) throw WRITE_CLOSED;
        // A copy, since the sink may retain it.
        const bytes = concat(batch);
        await this.#calls.run(() => this.#writer.write(bytes));
        this.#written += bytes.length;
      }
    } catch (error) {
      throw this.#fail("Cannot send", error);
    }
  }

  async closeWrite(): Promise<void> {
    if (this.#writeClosed) return;
    try {
      await this.opened();
      if (this.#failure !== undefined) throw this.#failure;
      this.#writeClosed = true;
      await this.#calls.run(() => this.#writer.close());
    } catch (error) {
      throw this.#fail("Cannot finish sending", error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#calls.abandon(CLOSED_LOCALLY);
    this.release(new ConnectionError("the other side closed the stream", { code: "reset" }));
  }

  /** Streams have no other reset than aborting the writable and cancelling the readable. */
  abort(): void {
    this.close();
  }

  /** Waits until the connection is established. */
  protected async opened(): Promise<void> {
    if (this.#closed) throw CLOSED_LOCALLY;
    const opening = this.#opening;
    if (opening !== undefined) await this.#calls.run(() => opening);
  }

  /** Closes both streams, and the pair itself if it has a `close` method. */
  protected release(reason: Error): void {
    ignoreFailure(() => this.#writer.abort(reason));
    this.cancel(reason);
    ignoreFailure(() => this.pair.close?.());
  }

  /** Discards the rest of the readable. */
  protected cancel(reason: Error): void {
    ignoreFailure(() => this.#reader.cancel(reason));
  }

  /** Unlocks both streams. */
  protected unlock(): void {
    this.#reader.releaseLock();
    this.#writer.releaseLock();
  }

  /** The first failure. */
  protected get failure(): TransportFailure | undefined {
    return this.#failure;
  }

  /** Returns the failure if the end of the readable is not a clean one. */
  protected endFailure(): TransportFailure | undefined {
    return undefined;
  }

  /** Translates an error of the streams. */
  protected translate(cause: unknown): TransportFailure {
    const failure = failureOf(cause);
    const { code, reason, options } = failure;
    // This side has done neither: the other end has disconnected, for example a child process.
    const disconnected = code === "aborted" || code === "closed";
    return disconnected ? new TransportFailure("reset", reason, options) : failure;
  }

  /** Returns the error to throw, always for the first failure. */
  #fail(action: string, cause: unknown): ConnectionError {
    if (this.#closed) return connectionError(action, CLOSED_LOCALLY);
    if (cause === WRITE_CLOSED) return connectionError(action, WRITE_CLOSED);
    this.#failure ??= this.translate(cause);
    return connectionError(action, this.#failure);
  }
}

function writerOf(writable: PairWritable): PairWriter {
  const writer = writable.getWriter();
  writer.closed?.catch?.(() => {});
  writer.ready?.catch?.(() => {});
  return writer;
}

/** Parses an address in the form that `connect` of Workers takes: `127.0.0.1:80`, `[::1]:80`. */
function addressOf(address: string | undefined): Address | undefined {
  const [, hostname, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address ?? "") ?? [];
  return hostname === undefined ? undefined : { hostname, port: Number(port) };
}
