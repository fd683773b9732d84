import { afterTurn } from "../../async/after_turn.ts";
import { concat } from "../../bytes/concat.ts";
import { ConnectionError } from "../../errors.ts";
import { parseAddress } from "../address.ts";
import { batchesOf } from "../batches.ts";
import {
  CLOSED_LOCALLY,
  connectionError,
  failureOf,
  TransportFailure,
  WRITE_CLOSED,
} from "../connection_error.ts";
import { describe } from "../../bytes/describe.ts";
import { ignoreFailure, PendingCalls } from "../../async/pending_calls.ts";
import {
  isOpening,
  isPair,
  type OpeningPair,
  type PairInfo,
  type PairWritable,
  type PairWriter,
  type StreamPair,
} from "./stream_pair.ts";
import { chunkBytes, type ReadResult, type StreamReader, streamReader } from "./stream_reader.ts";
import { unknownSession } from "../unknown_session.ts";
import type { Address, TlsSession, Transport } from "../transport.ts";

/** Maximum number of bytes per write: longer writes end the connection on Workers (cloudflare/workerd#7074). */
const MAX_WRITE = 65_536;

/** Number of bytes to read per turn. Streams in memory would never let the transports send. */
const YIELD_AFTER = 65_536;

/**
 * A transport over any pair of Web Streams of bytes, which may exist only once the connection is established.
 * Calls of the streams may throw or never settle.
 */
export class PairTransport<Pair extends StreamPair | OpeningPair = StreamPair | OpeningPair>
  implements Transport {
  protected readonly pair: Pair;
  #reader: StreamReader | undefined;
  #writer: PairWriter | undefined;
  readonly #calls: PendingCalls = new PendingCalls();
  /** Settles when the connection is established; then `undefined`. */
  #opening: Promise<void> | undefined;
  #writeClosed = false;
  #closed = false;
  #failure: TransportFailure | undefined;
  #written = 0;
  /** Whether anything has been received. */
  protected hasReceived = false;
  /** Number of bytes read in this turn of the event loop. */
  #readInTurn = 0;
  localAddress: Address | undefined;
  remoteAddress: Address | undefined;
  tls: TlsSession | undefined;

  /** @throws {TypeError} One of the streams is already locked. */
  constructor(pair: Pair, reader?: StreamReader) {
    this.pair = pair;
    if (isPair(pair)) this.#lock(pair, reader);
    if (isOpening(pair)) {
      this.#opening = pair.opened.then((opened) => this.#opened(opened));
      this.#opening.catch(() => {});
    }
    pair.closed?.catch?.(() => {});
  }

  /** The connection is established. */
  #opened(opened: PairInfo | undefined): void {
    if (this.#reader === undefined) {
      if (!isPair(opened)) {
        throw new TypeError(
          `opened resolved to ${describe(opened)}: expected a pair of Web Streams`,
        );
      }
      this.#lock(opened);
      if (this.#closed) this.release(closedByPeer());
    }
    this.#opening = undefined;
    const { localAddress, localPort, remoteAddress, remotePort, alpn } = opened ?? {};
    this.localAddress = parseAddress(localAddress, localPort);
    this.remoteAddress = parseAddress(remoteAddress, remotePort);
    if (alpn) this.tls = { ...this.tls ?? unknownSession(), alpn };
  }

  #lock(pair: StreamPair, reader: StreamReader = streamReader(pair.readable)): void {
    this.#reader = reader;
    this.#writer = writerOf(pair.writable);
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
        result = await this.#calls.run(() => this.#reader!.read());
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
        await this.#calls.run(() => this.#writer!.write(bytes));
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
      await this.#calls.run(() => this.#writer!.close());
    } catch (error) {
      throw this.#fail("Cannot finish sending", error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#calls.abandon(CLOSED_LOCALLY);
    this.release(closedByPeer());
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
    ignoreFailure(() => this.#writer?.abort(reason));
    this.cancel(reason);
    ignoreFailure(() => this.pair.close?.());
  }

  /** Discards the rest of the readable. */
  protected cancel(reason: Error): void {
    ignoreFailure(() => this.#reader?.cancel(reason));
  }

  /** Unlocks both streams. */
  protected unlock(): void {
    this.#reader!.releaseLock();
    this.#writer!.releaseLock();
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
    // A connection that could not be established has not been lost.
    if (this.#opening !== undefined) return failure;
    // This side has done neither: the other end has disconnected, for example a child process.
    const disconnected = code === "aborted" || code === "closed" || isNetworkError(cause);
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

/** The errors of Direct Sockets and of a `WebSocketStream` that has been established. */
function isNetworkError(cause: unknown): boolean {
  return /^(?:Network|WebSocket)Error$/.test((cause as Error | undefined)?.name ?? "");
}

/** The error that the other end of streams in memory gets. */
function closedByPeer(): ConnectionError {
  return new ConnectionError("the other side closed the stream", { code: "reset" });
}
