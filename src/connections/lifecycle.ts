import { ConnectionError, type TimeoutOption } from "../errors.ts";
import type { Receiver } from "../flow/receiver.ts";
import type { Sender } from "../flow/sender.ts";
import type { SenderEvents } from "../flow/sender_events.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import { connectionError } from "../transports/connection_error.ts";
import type { TlsOptions, Transport } from "../transports/transport.ts";
import { type CloseReason, reasonOf } from "./close_reason.ts";
import type { Limits } from "./connection_options.ts";
import type { SourceEvents, TransportSource } from "./source.ts";
import { ChunkTap, type Tap } from "../taps/tap.ts";
import { expired } from "./expired.ts";
import { type Progress, Watchdog } from "./watchdog.ts";

/** How long `close` waits without progress on pending data, in milliseconds. */
const SEND_SILENCE = 30_000;

/** How long `close` waits without input for the peer's end, in milliseconds. */
const RECEIVE_SILENCE = 5_000;

/** The parts of a connection. */
export interface Parts {
  readonly decoder: FrameDecoder<unknown>;
  readonly receiver: Receiver<unknown>;
  readonly sender: Sender<never>;
  readonly source: TransportSource;
}

/**
 * The states of a connection. Every operation that moves on asks here first.
 *
 * ```text
 *    startTls         handshake            close              the peer's end, or closeTimeout
 *   ┌────────▶ upgrading ───────▶┐     ┌────────▶ closing ────────────────────────┐
 *   │                            │     │                                          ▼
 *  open ◀────────────────────────┘    open ─── closeWrite and the peer's end ──▶ closed
 *   │                                                                             ▲
 *   └── detach, or from any state: abort, reset, timeout ─────────────────────────┘
 * ```
 *
 * `closed` settles when the state is closed, or as soon as the connection has failed: after a failed
 * write what the peer has sent can still be received, and after a framing error messages can still be
 * sent, until the connection is closed.
 */
export class Lifecycle implements SenderEvents, SourceEvents, Progress {
  state: "open" | "upgrading" | "closing" | "closed" = "open";
  /** The transport, which changes with TLS, and the one in use: the same, or one that shows a tap what passes. */
  transport: Transport;
  tapped: Transport;
  readonly #limits: Limits;
  readonly #tap: Tap | undefined;
  readonly #chunkTap: ChunkTap | undefined;
  #parts!: Parts;
  #watchdog: Watchdog | undefined = undefined;
  #keepsRunning = true;
  /** Which halves have ended. */
  #readEnded = false;
  #writeEnded = false;
  /** Which side has ended first, and what has gone wrong first. */
  #first: "local" | "remote" | undefined = undefined;
  #reason: CloseReason | undefined = undefined;
  #closed: Promise<CloseReason> | undefined = undefined;
  #settle: ((reason: CloseReason) => void) | undefined = undefined;
  #lingered: (() => void) | undefined = undefined;

  constructor(transport: Transport, limits: Limits, tap: Tap | undefined) {
    this.#limits = limits;
    this.#tap = tap;
    this.#chunkTap = tap && new ChunkTap(tap);
    this.transport = transport;
    this.tapped = this.#chunkTap?.over(transport) ?? transport;
  }

  /** Connects the parts, which need the lifecycle themselves. */
  start(parts: Parts): void {
    this.#parts = parts;
  }

  /** Resolves with the reason when the connection is closed or has failed. */
  get closed(): Promise<CloseReason> {
    return this.#closed ??= this.#reason === undefined
      ? new Promise((resolve) => this.#settle = resolve)
      : Promise.resolve(this.#reason);
  }

  /**
   * Requires an open connection.
   *
   * @throws {TypeError} TLS is being started.
   * @throws {ConnectionError} The connection is closing or closed.
   */
  require(action: string): void {
    if (this.state === "open") return;
    if (this.state === "upgrading") {
      throw new TypeError(`Cannot ${action}: TLS is being started`);
    }
    throw new ConnectionError(`Cannot ${action}: the connection is ${this.state}`, {
      code: "closed",
    });
  }

  /**
   * Requires that the transport has not been handed over.
   *
   * @throws {ConnectionError} The connection was detached.
   */
  requireAttached(action: string): void {
    if (this.#reason !== "detached") return;
    throw new ConnectionError(`Cannot ${action}: the connection was detached`, { code: "closed" });
  }

  // What happens to the halves.

  /** The end of the stream was read. */
  readEnded(): void {
    const { sender } = this.#parts;
    // Behind a reset that a write has met, an end is not one (Deno 2.9).
    if (sender.failure !== undefined) throw sender.failure;
    this.#readEnded = true;
    this.#first ??= "remote";
    this.#closeIfEnded();
  }

  /** Reading has failed. */
  readFailed(cause: unknown): ConnectionError {
    const error = connectionError("Cannot receive", cause);
    this.#end(error);
    return error;
  }

  /** The stream violates its framing: nothing more can be received. */
  framingFailed(): void {
    this.#fail("framing");
  }

  /** A write has failed. What the peer has sent before can still be received. */
  writeFailed({ code }: ConnectionError): void {
    this.#fail(reasonOf(code));
    if (this.#readEnded) this.#finish("abort");
  }

  writeWaits(): void {
    if (this.#limits.sendTimeout < Infinity) this.watch();
  }

  sendStalls(pending: number): void {
    this.#tap?.stall?.({ pending });
  }

  /** This side has begun to end the stream. */
  beginEnd(): void {
    this.#first ??= "local";
  }

  /** This side has ended its half of the stream. */
  writeEnded(): void {
    this.#writeEnded = true;
    this.#closeIfEnded();
  }

  // How the connection ends.

  /** Ends the connection: pending and later calls reject. Messages that have arrived can still be received. */
  fail(error: ConnectionError): void {
    this.#parts.receiver.fail(error);
    this.#end(error);
  }

  /** Ends the connection: pending and later calls reject. A detached one is left to the transport's new owner. */
  abort(error: ConnectionError): void {
    if (this.#reason === "detached") return;
    this.#parts.receiver.stop(error);
    this.#end(error);
  }

  /** Leaves the transport to a new owner. */
  detach(): void {
    this.#watchdog?.stop();
    this.state = "closed";
    this.#fail("detached");
  }

  /**
   * Starts TLS once all messages sent before have been written; later ones wait for it.
   *
   * @throws {ConnectionError} TLS could not be started. The connection has ended.
   */
  async startTls(options: TlsOptions): Promise<void> {
    const { transport } = this;
    const { sender, source } = this.#parts;
    this.state = "upgrading";
    const upgraded = sender.upgrade(async () => {
      const next = await transport.startTls!(options);
      if (sender.failure !== undefined) {
        next.abort();
        throw sender.failure;
      }
      this.transport = next;
      return this.tapped = this.#chunkTap?.over(next) ?? next;
    });
    source.upgrade(upgraded.then(() => this.tapped));
    try {
      await upgraded;
      if (this.state === "upgrading") this.state = "open";
    } catch (cause) {
      const error = sender.failure ?? connectionError("Cannot start TLS", cause);
      this.abort(error);
      throw error;
    }
  }

  /**
   * Closes the connection: sends everything and the end of the stream, discards input up to the peer's end,
   * and closes the transport. Closing a socket with unread input makes the system reset the connection,
   * and the peer lose what it has not read.
   */
  async close(): Promise<void> {
    const { receiver, sender } = this.#parts;
    if (this.state !== "closed") {
      this.state = "closing";
      this.beginEnd();
      receiver.stop();
      if (await this.#sendEnd()) {
        await this.#linger();
        this.#finish("close");
      } else {
        this.#finish("abort");
      }
    }
    if (sender.loss !== undefined && this.#reason !== "aborted") throw sender.loss;
  }

  /** Sends everything that is pending and the end of the stream. Returns whether that was possible. */
  #sendEnd(): Promise<boolean> {
    const { sender } = this.#parts;
    this.#limit(this.#limits.closeTimeout ?? SEND_SILENCE, false);
    return sender.closeWrite().then(() => true, () => false);
  }

  /** Discards input up to the peer's end, for a limited time. */
  #linger(): Promise<void> {
    return new Promise((resolve) => {
      this.#lingered = resolve;
      this.#limit(this.#limits.closeTimeout ?? RECEIVE_SILENCE, true);
      this.#parts.receiver.discard().then(resolve);
    });
  }

  #closeIfEnded(): void {
    if (this.#readEnded && this.#writeEnded && this.state === "open") this.#finish("close");
  }

  #end(error: ConnectionError): void {
    this.#fail(reasonOf(error.code));
    this.#parts.sender.fail(error);
    this.#finish("abort");
  }

  /** Closes the transport, the first time. */
  #finish(how: "close" | "abort"): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#watchdog?.stop();
    this.#lingered?.();
    try {
      this.transport[how]();
    } catch {
      // A foreign transport that throws has ended, too.
    }
    this.#fail(this.#first ?? "local");
  }

  /** Settles `closed`, the first time. */
  #fail(reason: CloseReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#settle?.(reason);
    this.#tap?.end?.({ direction: "both", reason });
  }

  // Limits of time.

  get received(): number {
    return this.#parts.source.received;
  }

  get written(): number {
    return this.transport.written;
  }

  get waiting(): boolean {
    return this.#parts.receiver.waiting;
  }

  get frameOffset(): number {
    return this.#parts.decoder.offset;
  }

  get frameLength(): number {
    return this.#parts.decoder.buffered;
  }

  get expectedLength(): number | undefined {
    return this.#parts.decoder.expectedLength;
  }

  get pending(): number {
    return this.#parts.sender.pending;
  }

  /** Begins to check limits of time, where one applies. */
  watch(): void {
    const { idleTimeout, frameTimeout, sendTimeout } = this.#limits;
    const applies = idleTimeout < Infinity ||
      (frameTimeout < Infinity && this.frameLength > 0) ||
      (sendTimeout < Infinity && this.pending > 0);
    if (applies) this.#watch().watch();
  }

  /** Keeps the process running while the connection is open. */
  ref(): void {
    this.#keepsRunning = true;
    this.#watchdog?.ref();
    if (this.state !== "closed") this.transport.ref?.();
  }

  /** Lets the process end while the connection is open. */
  unref(): void {
    this.#keepsRunning = false;
    this.#watchdog?.unref();
    if (this.state !== "closed") this.transport.unref?.();
  }

  /** Adds what has arrived of an unfinished message to an error. */
  withPartial(error: unknown): unknown {
    const { decoder } = this.#parts;
    if (!(error instanceof ConnectionError) || decoder.buffered === 0) return error;
    const { buffered: received, expectedLength: expected } = decoder;
    const facts = {
      received,
      ...expected !== undefined && { expected },
      partial: decoder.detach(),
    };
    return Object.assign(error, facts);
  }

  #limit(milliseconds: number, lingers: boolean): void {
    if (this.state !== "closed") this.#watch().close(milliseconds, lingers);
  }

  #watch(): Watchdog {
    if (this.#watchdog === undefined) {
      this.#watchdog = new Watchdog(this.#limits, this, (timeout) => this.#expire(timeout));
      if (!this.#keepsRunning) this.#watchdog.unref();
    }
    return this.#watchdog;
  }

  #expire(timeout: TimeoutOption): void {
    // All was sent: the peer's end is not waited for any longer.
    if (timeout === "closeTimeout" && this.#lingered !== undefined) return this.#lingered();
    const limit = this.#limits[timeout as keyof Limits] ?? SEND_SILENCE;
    this.fail(expired(timeout, limit, this));
  }
}
