import { settlesWithin } from "../../async/settles_within.ts";
import { concat } from "../../bytes/concat.ts";
import { failureOf, NO_CLOSE_NOTIFY, type TransportFailure } from "../connection_error.ts";
import type { TlsOptions, Transport } from "../transport.ts";

// The members used of node:stream.
type Done = (error?: Error | null) => void;
interface DuplexOptions {
  readonly allowHalfOpen: true;
  readonly readableHighWaterMark: number;
  readonly writableHighWaterMark: number;
  read(): void;
  write(chunk: Uint8Array, encoding: string, done: Done): void;
  writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void;
  final(done: Done): void;
  destroy(error: Error | null, done: Done): void;
}
interface DuplexClass {
  new (options: DuplexOptions): Duplex;
}
declare function setImmediate(callback: () => void): void;
declare const process: { getBuiltinModule(name: "node:stream"): { readonly Duplex: DuplexClass } };

/** The members used of a Duplex. */
export interface Duplex {
  readonly destroyed: boolean;
  destroy(): this;
  on(event: "end", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  push(chunk: Uint8Array | null): boolean;
}

/** Maximum number of encrypted bytes that wait for the transport. */
const WRITE_HIGH_WATER_MARK = 262_144;

/** Time in milliseconds for a rejected peer to read the alert. */
const ALERT_GRACE = 500;

/** The encrypted stream of a transport, as the `Duplex` that `node:tls` requires. */
export class TlsStream {
  readonly #transport: Transport;
  /** Bytes that come before those of the transport. */
  #received: Uint8Array | undefined;
  readonly duplex: Duplex;
  /** Whether the handshake is complete: the transport is then closed with the stream. */
  established = false;
  /** Whether the peer has sent close_notify. */
  closeNotified = false;
  /** Set if the stream has not ended cleanly. */
  endFailure: TransportFailure | undefined;
  /** The error of the transport, if any. */
  failure: unknown;
  /** Whether TLS has written anything. */
  #hasWritten = false;
  #paused = false;
  /** Whether TLS has requested more bytes. */
  #requested = false;
  #reading: Promise<Uint8Array | undefined> | undefined;

  /** @param onEnd Called once TLS has processed the last byte and the end. */
  constructor(
    transport: Transport,
    { options: { closeNotify }, received }: {
      readonly options: TlsOptions;
      readonly received: Uint8Array | undefined;
    },
    onEnd: () => void,
  ) {
    this.#transport = transport;
    this.#received = received?.length ? received : undefined;
    const { Duplex } = process.getBuiltinModule("node:stream");
    const duplex = this.duplex = new Duplex({
      allowHalfOpen: true,
      readableHighWaterMark: 1,
      writableHighWaterMark: WRITE_HIGH_WATER_MARK,
      read: () => {
        this.#requested = true;
        this.#pump();
      },
      write: (chunk, _, done) => this.#write(chunk, done),
      // TLS writes up to ten records at once: joined, they need one system call.
      writev: (chunks, done) => this.#write(concat(chunks.map(({ chunk }) => chunk)), done),
      final: (done) => settle(transport.closeWrite(), done),
      destroy: (error, done) => {
        if (this.established) transport.close();
        done(error);
      },
    });
    duplex.on("error", (error) => this.failure ??= error);
    // Added before the listener of TLS, which would treat this end as its own. By now TLS has processed
    // all bytes before it.
    duplex.on("end", () => {
      const accepted = this.closeNotified ||
        (closeNotify === "optional" && this.failure === undefined);
      if (!accepted) this.endFailure = failureOf(this.failure ?? NO_CLOSE_NOTIFY);
      setImmediate(onEnd);
    });
  }

  /**
   * Stops reading the transport. The TLS socket itself always flows, and buffers nothing: on Deno 2.9 a
   * paused one misses the end.
   */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#paused || !this.#requested || this.#reading !== undefined) return;
    this.#requested = false;
    const chunk = await this.#read();
    if (!this.duplex.destroyed) this.duplex.push(chunk ?? null);
  }

  /**
   * Sends the end of the stream and gives a rejected peer time to read the alert: closing with unread bytes
   * would reset the connection, and the peer would lose the alert.
   */
  async closeAfterAlert(reason: unknown): Promise<void> {
    if (this.failure !== undefined) return;
    await settlesWithin(this.#sendAlert(reason), ALERT_GRACE);
  }

  /** Sends an alert if TLS has not, and waits for the peer to close. */
  async #sendAlert(reason: unknown): Promise<void> {
    try {
      if (!this.#hasWritten) await this.#transport.write([alertOf(reason)]);
      await this.#transport.closeWrite();
      while (await (this.#reading ?? this.#read()) !== undefined);
    } catch {
      // The peer has disconnected.
    }
  }

  #read(): Promise<Uint8Array | undefined> {
    const received = this.#received;
    this.#received = undefined;
    const read = received === undefined ? this.#transport.read() : Promise.resolve(received);
    const reading = this.#reading = read.catch((error) => {
      this.failure ??= error;
      return undefined;
    }).finally(() => this.#reading = undefined);
    return reading;
  }

  #write(chunk: Uint8Array, done: Done): void {
    this.#hasWritten = true;
    settle(this.#transport.write([chunk]), done);
  }
}

function settle(result: Promise<void> | undefined, done: Done): void {
  if (result === undefined) done();
  else result.then(() => done(), done);
}

/**
 * Returns the alert that a server on Deno 2.9 does not send. An alert before the first write is plaintext:
 * type 21, version, length 2, fatal, description (RFC 8446, section 6).
 */
function alertOf(reason: unknown): Uint8Array {
  const { code } = reason as { readonly code?: unknown };
  const description = code === "ERR_SSL_NO_APPLICATION_PROTOCOL" ? 120 : 40;
  return Uint8Array.of(21, 3, 3, 0, 2, 2, description);
}
