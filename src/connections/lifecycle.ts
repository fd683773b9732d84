import { Deferred } from "../async/deferred.ts";
import { ignoreFailure } from "../async/pending_calls.ts";
import { ConnectionError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol, ProtocolParts } from "../protocol.ts";
import { connectionError } from "../transports/connection_error.ts";
import type { StartTlsOptions, Transport } from "../transports/transport.ts";
import type { OpeningPair, StreamPair } from "../transports/web/stream_pair.ts";
import type { BatchIterators } from "./batch_iterator.ts";
import { type CloseReason, reasonOf } from "./close_reason.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { FramedTransport, type FramedTransportEvents } from "./framed_transport.ts";
import { GracefulClose } from "./graceful_close.ts";
import { checkTls } from "./options/tls_options.ts";

/**
 * The states of a connection. Every operation that changes the state asks here first.
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
 * `closed` settles in the state closed, or as soon as the connection has failed: after a failed write the
 * input that the peer has sent can still be received, and after a framing error messages can still be
 * sent, until the connection is closed.
 */
export class Lifecycle<In = unknown, Out = never> implements FramedTransportEvents, BatchIterators {
  state: "open" | "upgrading" | "closing" | "closed" = "open";
  batchIterators = 0;
  readonly framed: FramedTransport<In, Out>;
  #readEnded = false;
  #writeEnded = false;
  /** The side that ended first, and the first failure. */
  #first: "local" | "remote" | undefined = undefined;
  #reason: CloseReason | undefined = undefined;
  #closed: Deferred<CloseReason> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;
  #gracefulClose: GracefulClose | undefined = undefined;

  /** @throws {TypeError | RangeError} The protocol or an option is invalid. */
  constructor(
    transport: Transport | StreamPair | OpeningPair,
    protocol: Framer | Protocol<In, Out> & ConnectionOptions,
  ) {
    this.framed = new FramedTransport(transport, protocol, this);
  }

  /** Resolves with the reason when the connection is closed or has failed. */
  get closed(): Promise<CloseReason> {
    this.#closed ??= new Deferred();
    if (this.#reason !== undefined) this.#closed.resolve(this.#reason);
    return this.#closed.promise;
  }

  // Events of the framed transport.

  readEnded(): void {
    const { sender } = this.framed;
    // After a write has met a reset, Deno 2.9 reports an end where there was none.
    if (sender.failure !== undefined) throw sender.failure;
    this.#readEnded = true;
    this.#first ??= "remote";
  }

  endReported(): void {
    if (this.#readEnded && this.#writeEnded && this.state === "open") this.#finish("close");
  }

  readFailed(cause: unknown): ConnectionError {
    const error = connectionError("Cannot receive", cause);
    this.#end(error);
    return error;
  }

  framingFailed(): void {
    this.#settle("framing");
  }

  /** Input that the peer sent before can still be received. */
  writeFailed({ code }: ConnectionError): void {
    this.#settle(reasonOf(code));
    if (this.#readEnded) this.#finish("abort");
  }

  writeWaits(): void {
    const { timeLimits } = this.framed;
    if (timeLimits.limits.sendTimeout < Infinity) timeLimits.watch();
  }

  backpressure(pending: number): void {
    this.framed.tap?.backpressure?.({ pending });
  }

  /** Messages that have arrived can still be received. */
  timedOut(error: ConnectionError): void {
    this.framed.receiver.fail(error);
    this.#end(error);
  }

  lingerTimedOut(): void {
    this.#gracefulClose?.stop();
  }

  // Operations.

  /** Switches to another protocol. Only a detached connection has no use for one. */
  switchTo(protocol: Framer | ProtocolParts<unknown, never>): void {
    if (this.#reason === "detached") throw closedError("switch protocols", "was detached");
    this.#requireNoBatches("switch protocols");
    this.framed.switchTo(protocol);
  }

  /** Hands the transport over to a new owner. */
  detach(): Transport {
    this.#requireOpen("detach");
    const transport = this.framed.detach();
    this.framed.timeLimits.stop();
    this.state = "closed";
    this.#settle("detached");
    return transport;
  }

  /** Starts TLS once all messages sent before have been written. */
  async startTls(options: StartTlsOptions): Promise<void> {
    const checked = checkTls("Cannot start TLS", options);
    this.#requireOpen("start TLS");
    this.framed.requireUpgradable(checked);
    this.state = "upgrading";
    try {
      await this.framed.upgrade(checked);
      if (this.state === "upgrading") this.state = "open";
    } catch (cause) {
      const error = this.framed.sender.failure ?? connectionError("Cannot start TLS", cause);
      this.#abort(error);
      throw error;
    }
  }

  /** Finishes sending. After the peer's end the connection is closed. */
  closeWrite(): Promise<void> {
    this.#first ??= "local";
    const ending = this.framed.sender.closeWrite().then(() => {
      this.#writeEnded = true;
      this.endReported();
    });
    ending.catch(() => {});
    return ending;
  }

  /** Ends both halves and closes the transport. Rejects if messages have been lost. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#close();
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  /** Ends the connection immediately. */
  abort(cause: unknown): void {
    this.#abort(new ConnectionError("Connection was aborted", { code: "aborted", cause }));
  }

  /** Keeps the process running while the connection is open. */
  ref(): void {
    this.framed.timeLimits.ref();
    if (this.state !== "closed") this.framed.transport.ref?.();
  }

  /** Lets the process end while the connection is open. */
  unref(): void {
    this.framed.timeLimits.unref();
    if (this.state !== "closed") this.framed.transport.unref?.();
  }

  async #close(): Promise<void> {
    if (this.state !== "closed") {
      this.state = "closing";
      this.#first ??= "local";
      this.#gracefulClose = new GracefulClose(this.framed);
      this.#finish(await this.#gracefulClose.run() ? "close" : "abort");
    }
    const { loss } = this.framed.sender;
    if (loss !== undefined && this.#reason !== "aborted") throw loss;
  }

  /** Ends the connection: pending and later calls reject. Does nothing after `detach`. */
  #abort(error: ConnectionError): void {
    if (this.#reason === "detached") return;
    this.framed.receiver.stop(error);
    this.#end(error);
  }

  #end(error: ConnectionError): void {
    this.#settle(reasonOf(error.code));
    this.framed.sender.fail(error);
    this.framed.timeLimits.abortHandshake(error);
    this.#finish("abort");
  }

  /** Closes the transport, the first time. */
  #finish(how: "close" | "abort"): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.framed.timeLimits.stop();
    this.#gracefulClose?.stop();
    ignoreFailure(() => this.framed.transport[how]());
    this.#settle(this.#first ?? "local");
  }

  /** Settles `closed`, the first time. */
  #settle(reason: CloseReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#closed?.resolve(reason);
    this.framed.tap?.end?.({ direction: "both", reason });
  }

  /** Requires the state open, and that `batches()` is not being iterated. */
  #requireOpen(action: string): void {
    const { state } = this;
    if (state === "upgrading") throw new TypeError(`Cannot ${action}: TLS is being started`);
    if (state !== "open") throw closedError(action, `is ${state}`);
    this.#requireNoBatches(action);
  }

  #requireNoBatches(action: string): void {
    if (this.batchIterators === 0) return;
    throw new TypeError(`Cannot ${action}: batches() is being iterated`);
  }
}

function closedError(action: string, fact: string): ConnectionError {
  return new ConnectionError(`Cannot ${action}: the connection ${fact}`, { code: "closed" });
}
