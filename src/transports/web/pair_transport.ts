import { afterTurn } from "../../async/after_turn.ts";
import { concat } from "../../bytes/concat.ts";
import { ConnectionError } from "../../errors.ts";
import { batchesOf } from "../batches.ts";
import { CLOSED, connectionError, Failure, failureOf, FINISHED } from "../connection_error.ts";
import { ignoreFailure, PendingCalls } from "../../async/pending_calls.ts";
import type { PairWritable, PairWriter, StreamPair } from "./stream_pair.ts";
import { chunkBytes, type ReadResult, type StreamReader, streamReader } from "./stream_reader.ts";
import type { Address, Transport } from "../transport.ts";

/** Maximum number of bytes in one write: Workers lose the connection on more (cloudflare/workerd#7074). */
const MAX_WRITE = 65_536;

/**
 * Bytes that are read in one turn of the event loop. Streams in memory deliver in microtasks, in which a loop
 * over their messages would leave no transport the time to send.
 */
const YIELD_AFTER = 65_536;

/** Any pair of Web Streams of bytes as a transport. The streams are foreign: their calls are not trusted. */
export class PairTransport implements Transport {
  protected readonly pair: StreamPair;
  readonly #reader: StreamReader;
  readonly #writer: PairWriter;
  readonly #calls: PendingCalls = new PendingCalls();
  /** Settles when the connection is established; `undefined` afterwards. */
  #opening: Promise<void> | undefined;
  #finished = false;
  #closed = false;
  #failure: Failure | undefined = undefined;
  #written = 0;
  /** Bytes read in this turn of the event loop. */
  #read = 0;
  #localAddress: Address | undefined = undefined;
  #remoteAddress: Address | undefined = undefined;

  /** @throws {TypeError} One of the streams is locked already. */
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
    for (;;) {
      const { done, value } = await this.#next();
      if (done) return undefined;
      // Streams may deliver empty chunks.
      const bytes = chunkBytes(value);
      this.#read += bytes.length;
      if (this.#read >= YIELD_AFTER) await this.#turn();
      if (bytes.length > 0) return bytes;
    }
  }

  #turn(): Promise<void> {
    this.#read = 0;
    // A timer in its place would take milliseconds.
    return new Promise((resolve) => "setImmediate" in globalThis ? afterTurn(resolve) : resolve());
  }

  /** After a failure nothing is written: it might stay pending forever (workerd 20260730). */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    try {
      await this.opened();
      for (const batch of batchesOf(chunks, MAX_WRITE)) {
        const gone = this.#failure ?? (this.#finished ? FINISHED : undefined);
        if (gone !== undefined) throw gone;
        // A copy, since the sink may keep it.
        const bytes = concat(batch);
        await this.#calls.run(() => this.#writer.write(bytes));
        this.#written += bytes.length;
      }
    } catch (error) {
      throw this.#fail("Cannot send", error);
    }
  }

  async closeWrite(): Promise<void> {
    if (this.#finished) return;
    try {
      await this.opened();
      if (this.#failure !== undefined) throw this.#failure;
      this.#finished = true;
      await this.#calls.run(() => this.#writer.close());
    } catch (error) {
      throw this.#fail("Cannot finish sending", error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#calls.abandon(CLOSED);
    this.release(new ConnectionError("Stream was closed by its other side", { code: "reset" }));
  }

  /** A pair has no other reset than this: aborting its writable and cancelling its readable. */
  abort(): void {
    this.close();
  }

  /** Waits until the connection is established. */
  protected async opened(): Promise<void> {
    if (this.#closed) throw CLOSED;
    const opening = this.#opening;
    if (opening !== undefined) await this.#calls.run(() => opening);
  }

  /** Closes both streams, and the pair itself if it can be closed. */
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
  protected get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Returns the failure if the end of the readable is not a clean one. */
  protected ending(): Failure | undefined {
    return undefined;
  }

  /** Translates an error of the streams. */
  protected translate(cause: unknown): Failure {
    const failure = failureOf(cause);
    const { code, reason, origin } = failure;
    // This side has not: the other end has gone, for example a child process.
    const left = code === "aborted" || code === "closed";
    return left ? new Failure("reset", reason, origin) : failure;
  }

  async #next(): Promise<ReadResult> {
    if (this.#closed) return END;
    try {
      // Before it is connected, and if it cannot be, a read gets the end (workerd 20260426).
      await this.opened();
      const result = await this.#calls.run(() => this.#reader.read());
      const failure = result.done ? this.ending() : undefined;
      if (failure !== undefined) throw failure;
      return result;
    } catch (error) {
      if (this.#closed) return END;
      throw this.#fail("Cannot receive", error);
    }
  }

  /** Returns the error to throw: always the first failure. */
  #fail(action: string, cause: unknown): ConnectionError {
    if (this.#closed) return connectionError(action, CLOSED);
    if (cause === FINISHED) return connectionError(action, FINISHED);
    this.#failure ??= this.translate(cause);
    return connectionError(action, this.#failure);
  }
}

const END: ReadResult = { done: true };

function writerOf(writable: PairWritable): PairWriter {
  const writer = writable.getWriter();
  writer.closed?.catch?.(() => {});
  writer.ready?.catch?.(() => {});
  return writer;
}

/** Parses an address as it was given to `connect`: `127.0.0.1:80`, `[::1]:80`. */
function addressOf(address: string | undefined): Address | undefined {
  const [, hostname, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address ?? "") ?? [];
  return hostname === undefined ? undefined : { hostname, port: Number(port) };
}
