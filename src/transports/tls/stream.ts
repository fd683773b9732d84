import { concat } from "../../bytes/concat.ts";
import { type Failure, failureOf, TRUNCATED } from "../connection_error.ts";
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
declare function setTimeout(callback: () => void, delay: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const process: { getBuiltinModule(name: "node:stream"): { readonly Duplex: DuplexClass } };

/** The members used of a Duplex. */
export interface Duplex {
  readonly destroyed: boolean;
  destroy(): this;
  on(event: "end", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  push(chunk: Uint8Array | null): boolean;
}

/** Number of bytes of TLS that may wait for the transport. */
const HIGH_WATER = 262_144;

/** Milliseconds that a rejected peer has to read the alert. */
const PARTING_TIME = 500;

/** The transport below TLS, as the stream that `node:tls` needs. */
export class TlsStream {
  readonly #transport: Transport;
  readonly duplex: Duplex;
  /** Whether the handshake is done: from then on the transport is closed with the stream. */
  established = false;
  /** Whether the peer has sent close_notify: its stream is complete. */
  notified = false;
  /** Set if the end of the stream is not a clean one. */
  cut: Failure | undefined = undefined;
  /** The error of the transport, if it has failed. */
  failure: unknown = undefined;
  /** Whether TLS has sent anything. */
  #spoken = false;
  #paused = false;
  #wanted = false;
  #reading: Promise<Uint8Array | undefined> | undefined = undefined;

  /** @param ended Called after the last byte and the end have passed through TLS. */
  constructor(transport: Transport, { closeNotify }: TlsOptions, ended: () => void) {
    this.#transport = transport;
    const { Duplex } = process.getBuiltinModule("node:stream");
    const duplex = this.duplex = new Duplex({
      allowHalfOpen: true,
      readableHighWaterMark: 1,
      writableHighWaterMark: HIGH_WATER,
      read: () => {
        this.#wanted = true;
        this.#pump();
      },
      write: (chunk, _, done) => this.#write(chunk, done),
      // TLS writes up to ten records at once: joined, they cost one call of the system.
      writev: (chunks, done) => this.#write(concat(chunks.map(({ chunk }) => chunk)), done),
      final: (done) => settle(transport.closeWrite(), done),
      destroy: (error, done) => {
        if (this.established) transport.close();
        done(error);
      },
    });
    duplex.on("error", (error) => this.failure ??= error);
    // Before the listener of TLS, which would take this end for one of its own. All bytes before it
    // have passed through TLS by now.
    duplex.on("end", () => {
      const accepted = this.notified || (closeNotify === "optional" && this.failure === undefined);
      if (!accepted) this.cut = failureOf(this.failure ?? TRUNCATED);
      setImmediate(ended);
    });
  }

  /**
   * Stops reading the transport. A TLS socket that is paused itself misses the end on Deno 2.9; this one
   * always flows, and bytes cannot gather anywhere.
   */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#paused || !this.#wanted || this.#reading !== undefined) return;
    this.#wanted = false;
    const chunk = await this.#read();
    if (!this.duplex.destroyed) this.duplex.push(chunk ?? null);
  }

  /**
   * Gives a rejected peer time to read the alert: closing with bytes unread would make the system reset
   * the connection, and the peer lose the alert.
   */
  async part(reason: unknown): Promise<void> {
    if (this.failure !== undefined) return;
    let timer: unknown;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, PARTING_TIME));
    await Promise.race([late, this.#discard(reason)]);
    clearTimeout(timer);
  }

  async #discard(reason: unknown): Promise<void> {
    try {
      if (!this.#spoken) await this.#transport.write([alertOf(reason)]);
      await this.#transport.closeWrite();
      while (await (this.#reading ?? this.#read()) !== undefined);
    } catch {
      // The peer has gone.
    }
  }

  #read(): Promise<Uint8Array | undefined> {
    const reading = this.#reading = this.#transport.read().catch((error) => {
      this.failure ??= error;
      return undefined;
    }).finally(() => this.#reading = undefined);
    return reading;
  }

  #write(chunk: Uint8Array, done: Done): void {
    this.#spoken = true;
    settle(this.#transport.write([chunk]), done);
  }
}

function settle(wait: Promise<void> | undefined, done: Done): void {
  if (wait === undefined) done();
  else wait.then(() => done(), done);
}

/**
 * A server of Deno 2.9 refuses without an alert. Before it has sent anything, an alert is plain:
 * type 21, version, length 2, fatal (RFC 8446, section 6).
 */
function alertOf(reason: unknown): Uint8Array {
  const { code } = reason as { readonly code?: unknown };
  const description = code === "ERR_SSL_NO_APPLICATION_PROTOCOL" ? 120 : 40;
  return Uint8Array.of(21, 3, 3, 0, 2, 2, description);
}
