import { concat } from "../bytes/concat.ts";
import { batchesOf } from "./batches.ts";
import { coded } from "./coded.ts";
import { PendingCalls } from "./pending_calls.ts";
import { StreamReader } from "./stream_reader.ts";
import type { Address, TlsOptions, TlsSession, Transport } from "./transport.ts";
import { checkWorkersTls, connectionLost, SESSION, socketFailure } from "./workers_tls.ts";

/**
 * Any pair of Web Streams of bytes: a WebTransport stream, or a socket of Workers, which has all of the
 * members below.
 */
export interface StreamPair {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the peer is sent. */
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when it is connected, rejects when it cannot be. Nothing is read or written before. */
  readonly opened?: Promise<
    { readonly remoteAddress?: string; readonly localAddress?: string } | undefined
  >;
  /** Settles when the connection is over. */
  readonly closed?: Promise<unknown>;
  /** `"on"`: it speaks TLS; `"starttls"`: it can go on by TLS. */
  readonly secureTransport?: string;
  /** Goes on by TLS; the pair itself must not be used any more. */
  startTls?(options?: { expectedServerHostname?: string }): StreamPair;
  /** Sends what is pending, then ends both directions. */
  close?(): Promise<unknown>;
}

/** Workers lose the connection on one write of more than this (cloudflare/workerd#7074). */
const MAX_WORKERS_BATCH = 65_536;

/**
 * Makes a transport of a pair of Web Streams, which it locks.
 *
 * @throws {TypeError} One of them is locked already.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Connection, lines, streamTransport, text } from "@framewright/framewright";
 *
 * const echo = new TransformStream<Uint8Array, Uint8Array>();
 * const protocol = { framer: lines(), codec: text() };
 * const connection = new Connection(streamTransport(echo), protocol);
 * await connection.send("hello");
 * assert.equal(await connection.receive(), "hello");
 * await connection.close();
 * ```
 */
export function streamTransport(pair: StreamPair): Transport {
  return new StreamTransport(pair);
}

/** Trusts a socket of Workers in nothing that it was seen to break; any other pair is simpler. */
class StreamTransport implements Transport {
  readonly #pair: StreamPair;
  readonly #reader: StreamReader;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Workers leave calls pending, and so may the sink of a stream. */
  readonly #calls: PendingCalls = new PendingCalls();
  /** It is being connected. */
  #opening: Promise<void> | undefined;
  /** The socket says that it is over. */
  #over = false;
  #closed = false;
  #written = 0;
  #failure: { readonly error: unknown } | undefined = undefined;
  /** Something has passed, in whatever direction. */
  #proven = false;
  /** What goes on with the socket. */
  #secured: Transport | undefined = undefined;
  #localAddress: Address | undefined = undefined;
  #remoteAddress: Address | undefined = undefined;
  readonly tls: TlsSession | undefined;
  readonly startTls?: (options: TlsOptions, signal?: AbortSignal) => Promise<Transport>;

  constructor(pair: StreamPair) {
    this.#pair = pair;
    this.#reader = new StreamReader(pair.readable);
    this.#writer = pair.writable.getWriter();
    this.#writer.closed.catch(() => {});
    this.#writer.ready.catch(() => {});
    const { secureTransport = "starttls" } = pair;
    this.tls = secureTransport === "on" ? SESSION : undefined;
    if (pair.startTls !== undefined && secureTransport === "starttls") {
      this.startTls = (...how) => this.#startTls(...how);
    }
    this.#opening = pair.opened?.then((ends) => {
      this.#opening = undefined;
      this.#localAddress = addressOf(ends?.localAddress);
      this.#remoteAddress = addressOf(ends?.remoteAddress);
    });
    this.#opening?.catch(() => {});
    const over = () => this.#over = true;
    pair.closed?.then(over, over);
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
    if (this.#closed) return undefined;
    try {
      // Before it is connected, and when it cannot be, a read gets the end (workerd 20260426).
      await this.opened();
      const chunk = await this.#calls.add(this.#reader.read(1).then(this.#checkEnd));
      if (chunk !== undefined) this.#proven = true;
      else if (this.#failure !== undefined && this.#pair.opened !== undefined) {
        throw this.#failure.error;
      }
      return chunk;
    } catch (error) {
      if (this.#closed) return undefined;
      throw this.#fail(error);
    }
  }

  /** Behind a failure nothing is written: it might stay pending for ever (workerd 20260730). */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    try {
      await this.opened();
      for (const batch of batchesOf(chunks, MAX_WORKERS_BATCH)) {
        if (this.#failure !== undefined) throw this.#failure.error;
        // A copy: the sink may keep it.
        const joined = concat(batch);
        await this.#calls.add(this.#writer.write(joined));
        this.#written += joined.length;
      }
      this.#proven = true;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async closeWrite(): Promise<void> {
    try {
      await this.opened();
      if (this.#failure !== undefined) throw this.#failure.error;
      await this.#calls.add(this.#writer.close());
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /**
   * A socket of Workers is closed by its own call: after `abort` of its stream workerd 20260730 keeps
   * the connection until the request is over, and the peer hears nothing.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const reason = closedHere();
    this.#calls.giveUp(reason);
    this.#secured?.close();
    this.#reader.cancel(reason).catch(() => {});
    if (this.#pair.close === undefined) this.#writer.abort(reason).catch(() => {});
    else this.#pair.close().catch(() => {});
  }

  abort(): void {
    this.close();
  }

  /** Resolves when it is connected. */
  async opened(): Promise<void> {
    if (this.#closed) throw closedHere();
    if (this.#opening !== undefined) await this.#calls.add(this.#opening);
  }

  async #startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    checkWorkersTls(options);
    signal?.throwIfAborted();
    const giveUp = () => this.close();
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      await this.opened();
      this.#reader.releaseLock();
      this.#writer.releaseLock();
      const { serverName } = options;
      const how = serverName === undefined ? {} : { expectedServerHostname: serverName };
      const secured = new StreamTransport(this.#pair.startTls!(how));
      this.#secured = secured;
      await secured.opened();
      return secured;
    } catch (error) {
      this.close();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /**
   * Tells the end that is none. A reset, TLS cut short and a TLS handshake that has failed all look
   * like the end to who reads from Workers; but the socket is over before it (workerd 20260730), and
   * never before an end that is one. Behind `closeWrite` nothing tells a reset from it.
   */
  readonly #checkEnd = (chunk: Uint8Array | undefined): Uint8Array | undefined => {
    if (chunk === undefined && this.#over) throw connectionLost(this.tls);
    return chunk;
  };

  /** What a call that has failed is to throw: the first failure, for ever. */
  #fail(error: unknown): unknown {
    if (this.#closed) return closedHere();
    const unproven = this.tls !== undefined && !this.#proven;
    this.#failure ??= { error: socketFailure(error, unproven) };
    return this.#failure.error;
  }
}

/** `127.0.0.1:80`, `[::1]:80`: as it was given to `connect`. */
function addressOf(address: string | undefined): Address | undefined {
  const [, hostname, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address ?? "") ?? [];
  return hostname === undefined ? undefined : { hostname, port: Number(port) };
}

function closedHere(): Error {
  return coded("ECONNABORTED", "the stream was closed here");
}
