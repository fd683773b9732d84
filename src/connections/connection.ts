import { ConnectionError } from "../errors.ts";
import type { MessageIterator } from "../flow/message_iterator.ts";
import { Receiver } from "../flow/receiver.ts";
import { Sender } from "../flow/sender.ts";
import { DONE } from "../flow/takes.ts";
import { FrameDecoder, type FrameVisitor } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import { type Protocol, protocolOf, type ProtocolParts } from "../protocol.ts";
import type { ReadOptions } from "../streams/frame_reader.ts";
import { streamTransport } from "../transports/web/stream_transport.ts";
import type { StreamPair } from "../transports/web/stream_pair.ts";
import type { Address, TlsOptions, TlsSession, Transport } from "../transports/transport.ts";
import type { CloseReason } from "./close_reason.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { detached, readAhead } from "./detached.ts";
import { Lifecycle } from "./lifecycle.ts";
import { TransportSource } from "./source.ts";
import { type Tap, tapDecoding } from "../taps/tap.ts";
import { checkTls } from "./options/tls_options.ts";

/** The options of {@link Connection.send}. */
export interface SendOptions {
  /** Aborts waiting for room. The message is sent anyway, unless the signal was aborted before. */
  readonly signal?: AbortSignal;
}

/**
 * Sends and receives whole messages over any transport, the same for client and server.
 *
 * Iterating receives until the peer has closed. Leaving the loop leaves the connection open, so that it
 * can be used further, for example with another protocol.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, lines, serve, text } from "@framewright/framewright";
 *
 * const protocol = { framer: lines(), codec: text() };
 * const server = await serve({ port: 0, ...protocol }, async (connection) => {
 *   for await (const name of connection) await connection.send(`Hello ${name}`);
 * });
 * const connection = await connect({ ...server.address, ...protocol });
 * await connection.send("Ada");
 * assert.equal(await connection.receive(), "Hello Ada");
 * await connection.close();
 * await server.close();
 * ```
 */
export class Connection<In = Uint8Array, Out = In> implements MessageIterator<In>, AsyncDisposable {
  readonly #lifecycle: Lifecycle;
  readonly #decoder: FrameDecoder<In>;
  readonly #receiver: Receiver<In>;
  readonly #sender: Sender<Out>;
  readonly #source: TransportSource;
  readonly #tap: Tap | undefined;
  /** Iterators of `batches` in use. */
  #batching = 0;
  #readable: ReadableStream<In> | undefined = undefined;
  #writable: WritableStream<Out> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;

  /**
   * Creates a connection over a transport or a pair of Web Streams of bytes.
   *
   * @param protocol A protocol with the connection's options beside it, or a framer alone.
   * @throws {TypeError | RangeError} The protocol or an option is invalid.
   */
  constructor(
    transport: Transport | StreamPair,
    protocol: Framer | Protocol<In, Out> & ConnectionOptions,
  ) {
    const options: Protocol<In, Out> & ConnectionOptions = protocolOf(protocol);
    const { tap } = options;
    const limits = limitsOf(options);
    const decoder = this.#decoder = new FrameDecoder<In>(options);
    const bare = "readable" in transport ? streamTransport(transport) : transport;
    const lifecycle = this.#lifecycle = new Lifecycle(bare, limits, tap);
    const { tapped } = lifecycle;
    const sender = this.#sender = new Sender<Out>(options, tapped, {
      highWaterMark: limits.highWaterMark,
      events: lifecycle,
    });
    const { turn } = sender;
    const source = this.#source = new TransportSource(tapped, { decoder, turn, events: lifecycle });
    const receiver = this.#receiver = new Receiver(
      decoder,
      source,
      tap ? tapDecoding(decoder, tap) : decoder,
    );
    this.#tap = tap;
    lifecycle.start({ decoder, receiver, sender, source });
  }

  /** The local address, if the transport knows it. */
  get localAddress(): Address | undefined {
    return this.#lifecycle.transport.localAddress;
  }

  /** The peer's address, if the transport knows it. */
  get remoteAddress(): Address | undefined {
    return this.#lifecycle.transport.remoteAddress;
  }

  /** The TLS session; `undefined` while the connection is not encrypted. */
  get tls(): TlsSession | undefined {
    return this.#lifecycle.transport.tls;
  }

  /**
   * Resolves with the reason when the connection is closed or has failed, and never rejects. A peer that
   * has gone is noticed by a call that receives or sends.
   */
  get closed(): Promise<CloseReason> {
    return this.#lifecycle.closed;
  }

  /** Number of bytes that were sent and that the system has not accepted. */
  get pending(): number {
    return this.#sender.pending;
  }

  /** The received messages as a Web Stream. It decodes when it is read. Cancelling aborts the connection. */
  get readable(): ReadableStream<In> {
    return this.#readable ??= new ReadableStream<In>({
      pull: async (controller) => {
        const { done, value } = await this.#receiver.next().catch((error) => {
          this.abort(error);
          throw error;
        });
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => this.abort(reason),
    }, { highWaterMark: 0 });
  }

  /** The sent messages as a Web Stream. Closing it is `closeWrite`, aborting it is `abort`. */
  get writable(): WritableStream<Out> {
    return this.#writable ??= new WritableStream<Out>({
      write: (message) => this.send(message),
      close: () => this.closeWrite(),
      abort: (reason) => this.abort(reason),
    });
  }

  /**
   * Sends a message. Messages of one turn of the event loop are written together, at its end at the
   * latest. Frames of 8 KiB or more are not copied: do not change them until they have been sent.
   *
   * @returns Resolves when more may be sent, which is at once unless `highWaterMark` bytes are pending.
   * Need not be awaited: messages are sent in call order.
   * @throws {TypeError | RangeError} The message cannot be framed. Nothing of it is sent.
   * @throws {ConnectionError} The connection has failed, or this side has finished sending.
   * @throws The signal's reason.
   */
  send(message: Out, options?: SendOptions): Promise<void> {
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#tap?.frame === undefined) return this.#sender.send(message, signal);
    const offset = this.#sender.sent;
    const sent = this.#sender.send(message, signal);
    const length = this.#sender.sent - offset;
    if (length > 0) this.#tap.frame({ direction: "out", offset, length });
    return sent;
  }

  /**
   * Waits until the system has accepted all messages sent so far.
   *
   * @throws {ConnectionError} The connection has failed, and messages may be lost.
   */
  flush(): Promise<void> {
    return this.#sender.flush();
  }

  /**
   * Receives the next message. Concurrent calls are served in call order.
   *
   * @returns The message; `undefined` if the peer has closed between two messages, or if this side has
   * closed the connection.
   * @throws {FramingError} The stream violates its framing, or ends inside a frame. Every later call
   * throws the same error.
   * @throws {CodecError} The codec rejected this message; the next one can be received.
   * @throws {ConnectionError} The connection has failed. All messages before have been received; every
   * later call throws the same error.
   * @throws The signal's reason. No byte is lost: the next call gets the message.
   */
  receive(options: ReadOptions = {}): Promise<In | undefined> {
    return this.#receiver.receive(options.signal);
  }

  /** Receives the next message as an iterator result. */
  next(): Promise<IteratorResult<In, undefined>> {
    return this.#receiver.next();
  }

  /** Iterates over all messages to come. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Iterates over all messages to come, all buffered ones at a time. Until the loop is left, `switchTo`,
   * `startTls` and `detach` throw a `TypeError`: a batch reaches as far as the bytes that have arrived.
   */
  batches(): MessageIterator<In[]> {
    let state: "idle" | "used" | "left" = "idle";
    const leave = (next: "idle" | "left") => {
      if (state === "used") this.#batching--;
      state = next;
    };
    const iterator: MessageIterator<In[]> = {
      next: async () => {
        if (state === "left") return DONE;
        if (state === "idle") this.#batching++;
        state = "used";
        try {
          const value = await this.#receiver.batch();
          if (value !== undefined) return { done: false, value };
        } catch (error) {
          leave("idle");
          throw error;
        }
        leave("left");
        return DONE;
      },
      return() {
        leave("left");
        return Promise.resolve(DONE);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /**
   * Calls `visitor` for every frame until the peer closes, in place and without allocating. Bypasses the
   * codec. The bytes are valid only during the call.
   *
   * @throws {FramingError | ConnectionError} As {@link Connection.receive} does.
   */
  visit(visitor: FrameVisitor): Promise<void> {
    return this.#receiver.visit(visitor);
  }

  /**
   * Switches to another protocol: for sending from the next message on, for receiving after the calls that
   * are waiting; from inside `visit`, from the next frame on. Buffered bytes are kept.
   *
   * @param protocol A protocol, or a framer alone.
   * @returns This connection, typed for the new protocol.
   * @throws {TypeError} `batches()` is being iterated.
   * @throws {ConnectionError} The connection was detached.
   */
  switchTo<NextIn = Uint8Array, NextOut = NextIn>(
    protocol: Framer | Protocol<NextIn, NextOut>,
  ): Connection<NextIn, NextOut> {
    this.#lifecycle.requireAttached("switch protocols");
    this.#requireNoBatches("switch protocols");
    const next = protocolOf(protocol);
    this.#sender.switchTo(next as ProtocolParts<unknown, never>);
    this.#receiver.switchTo(next as ProtocolParts<unknown, never>);
    return this as unknown as Connection<NextIn, NextOut>;
  }

  /**
   * Stops framing and returns the transport. It reads the bytes first that were read ahead, and writes
   * after the messages that were sent. The connection is of no further use.
   *
   * @throws {TypeError} TLS is being started, or `batches()` is being iterated.
   * @throws {FramingError} Framing had failed already: message boundaries are lost.
   * @throws {ConnectionError} The connection is closing or closed.
   */
  detach(): Transport {
    this.#lifecycle.require("detach");
    this.#requireNoBatches("detach");
    const sender = this.#sender;
    const ahead = this.#receiver.detach();
    const { transport } = this.#lifecycle;
    const read = this.#source.detach(transport);
    sender.detach();
    this.#lifecycle.detach();
    const flushed = () => sender.idle ? undefined : sender.flush();
    return detached(transport, { ahead, read, flushed });
  }

  /**
   * Upgrades the connection to TLS: as the client if this side has connected, otherwise as the server.
   * Messages sent before leave in plain text; later ones, and everything received from here on, are
   * encrypted. Both ends must agree on the moment beforehand, as with SMTP's `STARTTLS` (RFC 3207). On
   * Workers plain text that arrives between that moment and this call cannot be told apart (workerd
   * 20260730): use TLS from the start there.
   *
   * @throws {TypeError} The peer has already sent more plain text, which must not pass for input from TLS
   * (CVE-2011-0411), a receive is pending, or `batches()` is being iterated. The connection is unchanged.
   * @throws {ConnectionError} TLS could not be started, see `code`. The connection has ended.
   */
  async startTls(options: TlsOptions = {}): Promise<void> {
    const checked = checkTls("Cannot start TLS", options);
    this.#lifecycle.require("start TLS");
    this.#requireNoBatches("start TLS");
    if (this.#decoder.buffered > 0) throw readAhead();
    if (this.#receiver.reading) throw new TypeError("Cannot start TLS: a receive is pending");
    if (this.#lifecycle.transport.startTls === undefined) {
      throw new ConnectionError("Cannot start TLS: not supported by this transport", {
        code: "unsupported",
      });
    }
    await this.#lifecycle.startTls(checked);
  }

  /**
   * Finishes sending: sends all messages, then the end of the stream. Receiving continues. Once the peer's
   * end has been received too, the connection is closed.
   *
   * @throws {ConnectionError} The connection has failed, and messages may be lost.
   */
  async closeWrite(): Promise<void> {
    this.#lifecycle.beginEnd();
    await this.#sender.closeWrite();
    this.#lifecycle.writeEnded();
  }

  /**
   * Finishes receiving at the next boundary between messages: messages that have arrived, and one that is
   * arriving, are still received; then `receive` gives `undefined`. Sending continues. A server ends its
   * connections with it when it shuts down.
   */
  closeRead(): void {
    this.#receiver.closeRead();
  }

  /**
   * Closes the connection and loses nothing: sends all messages and the end of the stream, discards input
   * until the peer has closed too (`closeTimeout` limits both), and closes the transport. Closing at once
   * would reset the connection, and the peer would lose what it has not read. Waiting calls of `receive`
   * give `undefined`.
   *
   * @throws {ConnectionError} A message that was sent has been lost, in whatever way.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#lifecycle.close();
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  /**
   * Ends the connection immediately, in both directions, by a reset where the system can: Deno 2.9 has no
   * call for it. Waiting calls reject with a {@link ConnectionError} with the code `"aborted"`.
   *
   * @param reason Becomes the `cause` of that error.
   */
  abort(reason?: unknown): void {
    this.#lifecycle.abort(
      new ConnectionError("Connection was aborted", { code: "aborted", cause: reason }),
    );
  }

  /** Keeps the process running while the connection is open; the default. */
  ref(): void {
    this.#lifecycle.ref();
  }

  /**
   * Lets the process end while the connection is open, its time limits included. A write that waits for
   * the system keeps the process running on Deno 2.9 and Node 26.
   */
  unref(): void {
    this.#lifecycle.unref();
  }

  /** Closes the connection, as {@link Connection.close} does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #requireNoBatches(action: string): void {
    if (this.#batching === 0) return;
    throw new TypeError(`Cannot ${action}: batches() is being iterated`);
  }
}
