import type { Transport } from "./transport.ts";

// What is used of node:stream, so that no runtime's types are needed.
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

/** What is used of a Duplex. */
export interface Duplex {
  readonly destroyed: boolean;
  destroy(): this;
  on(event: "end", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  push(chunk: Uint8Array | null): boolean;
}

/** So many bytes that TLS has written may wait for the transport. */
const HIGH_WATER = 262_144;

/** Milliseconds that a peer who was refused has to read why. */
const PARTING_TIME = 500;

/** The transport below TLS, as the stream that `node:tls` wants. */
export class TlsStream {
  readonly #transport: Transport;
  readonly duplex: Duplex;
  /** The handshake is done: from here on the transport is closed with the stream. */
  established = false;
  /** The peer has sent close_notify: what it had to say is complete. */
  notified = false;
  /** Why the end of what was read is none. */
  cut: unknown = undefined;
  /** Why the transport could not be read or written any more. */
  failure: unknown = undefined;
  /** TLS has said something to the peer. */
  #spoken = false;
  #paused = false;
  #wanted = false;
  #reading: Promise<Uint8Array | undefined> | undefined = undefined;

  /** @param ended Is called when all that came has been through TLS, and the end as well. */
  constructor(transport: Transport, ended: () => void) {
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
      writev: (chunks, done) => this.#writeAll(chunks.map(({ chunk }) => chunk), done),
      final: (done) => settle(transport.closeWrite(), done),
      destroy: (error, done) => {
        if (this.established) transport.close();
        done(error);
      },
    });
    duplex.on("error", (error) => this.failure ??= error);
    // Before the listener of TLS, which would take this end for one of its own. All bytes before it
    // have been through TLS by now.
    duplex.on("end", () => {
      if (!this.notified) this.cut = this.failure ?? truncated();
      setImmediate(ended);
    });
  }

  /**
   * Reads no more of the transport. A TLS socket that is paused itself forgets the end on Deno 2.9; this
   * one flows always, and there is no place where bytes could gather.
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
   * Lets a peer who was refused read why: closing with bytes unread would make the system reset the
   * connection, and the peer lose the alert.
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
      // The peer has gone: nobody is left to be told.
    }
  }

  #read(): Promise<Uint8Array | undefined> {
    const reading = this.#reading = this.#transport.read().catch((error) => {
      this.failure ??= error;
      return undefined;
    }).finally(() => this.#reading = undefined);
    return reading;
  }

  /** TLS writes up to ten records at once: one piece of them costs one call of the system. */
  #writeAll(chunks: readonly Uint8Array[], done: Done): void {
    const joined = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.#write(joined, done);
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
 * A server of Deno 2.9 refuses without a word. Before it has said anything, an alert is plain:
 * type 21, version, length 2, fatal (RFC 8446, section 6).
 */
function alertOf(reason: unknown): Uint8Array {
  const { code } = reason as { readonly code?: unknown };
  const description = code === "ERR_SSL_NO_APPLICATION_PROTOCOL" ? 120 : 40;
  return Uint8Array.of(21, 3, 3, 0, 2, 2, description);
}

function truncated(): Error {
  const error = new Error("the TLS connection ended without close_notify");
  return Object.assign(error, { code: "ERR_TLS_TRUNCATED" });
}
