import type { ByteSource } from "../flow/byte_source.ts";
import type { MessageIterator } from "../flow/message_iterator.ts";
import type { ReadStreamOptions, StreamedFrame } from "../flow/streamed_frame.ts";
import type { FrameVisitor } from "../frame_visitor.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import type { ReadOptions } from "../streams/frame_reader.ts";
import type { Address, StartTlsOptions, TlsSession, Transport } from "../transports/transport.ts";
import type { OpeningPair, StreamPair } from "../transports/web/stream_pair.ts";
import type { CloseReason } from "./close_reason.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { framedOf } from "./framed_of.ts";
import type { FramedTransport } from "./framed_transport.ts";
import { Lifecycle } from "./lifecycle.ts";
import { MessageStreams } from "./message_streams.ts";
import type { SendOptions, SendStreamOptions } from "./send_options.ts";

/**
 * Sends and receives messages over any transport, as client or server. Iterating receives until the peer
 * has closed. Leaving the loop leaves the connection open, for example for another protocol. See {@link serve}.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 */
export class Connection<In = Uint8Array, Out = In> implements MessageIterator<In>, AsyncDisposable {
  readonly #lifecycle: Lifecycle<In, Out>;
  readonly #framed: FramedTransport<In, Out>;
  #streams: MessageStreams<In, Out> | undefined = undefined;

  /**
   * Creates a connection over a transport or a pair of Web Streams. Options are members of `protocol`.
   *
   * @throws {TypeError | RangeError} The transport, the protocol or an option is invalid.
   */
  constructor(
    transport: Transport | StreamPair | OpeningPair,
    protocol: Framer | Protocol<In, Out> & ConnectionOptions,
  ) {
    this.#lifecycle = new Lifecycle(transport, protocol);
    this.#framed = this.#lifecycle.framed;
    framedOf.set(this, this.#framed);
  }

  /** The local address, if known. */
  get localAddress(): Address | undefined {
    return this.#framed.transport.localAddress;
  }

  /** The peer's address, if known. */
  get remoteAddress(): Address | undefined {
    return this.#framed.transport.remoteAddress;
  }

  /** The TLS session; `undefined` while the connection is not encrypted. */
  get tls(): TlsSession | undefined {
    return this.#framed.transport.tls;
  }

  /** Resolves with the reason once the connection is closed or a call finds it failed; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.#lifecycle.closed;
  }

  /** Number of bytes that were sent and that the system has not accepted. */
  get pending(): number {
    return this.#framed.sender.pending;
  }

  /** The received messages as a Web Stream, decoded when read. Cancelling it aborts the connection. */
  get readable(): ReadableStream<In> {
    return (this.#streams ??= new MessageStreams(this)).readable;
  }

  /** The sent messages as a Web Stream. Closing it calls `closeWrite`, aborting it calls `abort`. */
  get writable(): WritableStream<Out> {
    return (this.#streams ??= new MessageStreams(this)).writable;
  }

  /**
   * Sends a message, in call order. Messages of one turn of the event loop are written together, at its end
   * at the latest. Frames of 8 KiB or more are not copied: do not change them until they have been sent.
   *
   * @returns Resolves when more may be sent: at once unless `highWaterMark` bytes are pending.
   * @throws {TypeError | RangeError} The message cannot be framed. Nothing of it is sent.
   * @throws {ConnectionError} The connection has failed, or this side has finished sending.
   * @throws The signal's reason.
   */
  send(message: Out, options?: SendOptions): Promise<void> {
    return this.#framed.send(message, options?.signal);
  }

  /**
   * Sends a frame of `length` bytes from a stream. Messages sent later wait for its end.
   *
   * @returns Resolves when the last bytes have been queued.
   * @throws {TypeError | RangeError} The framing announces no lengths, or the stream has another one.
   * @throws The stream's error, or the signal's reason. The peer cannot get the rest: the connection is aborted.
   */
  sendStream(length: number, body: ByteSource, options?: SendStreamOptions): Promise<void> {
    return this.#framed.sendStream(length, body, options?.signal);
  }

  /** Waits until the system has accepted all messages so far. Throws a {@link ConnectionError} if it never will. */
  flush(): Promise<void> {
    return this.#framed.sender.flush();
  }

  /**
   * Receives the next message. Concurrent calls are served in call order.
   *
   * @returns The message; `undefined` once the peer has closed between two messages, or this side has.
   * @throws {FramingError} The stream violates its framing, or ends inside a frame. This error is permanent.
   * @throws {ConnectionError} The connection has failed, after its last message. This error is permanent.
   * @throws {CodecError} The codec rejected this message. The next one can be received.
   * @throws The signal's reason. No byte is lost: the next call receives the message.
   */
  receive(options: ReadOptions = {}): Promise<In | undefined> {
    return this.#framed.receiver.receive(options.signal);
  }

  /**
   * Receives the next frame with its body as a stream, which may be larger than memory. The next call that
   * receives discards the rest of it; pending calls wait for its end. Bypasses the codec and `onInvalid`.
   *
   * @throws {TypeError} The framing announces no lengths, or is a sequence. Other errors: see `receive`.
   */
  receiveStream(options?: ReadStreamOptions): Promise<StreamedFrame | undefined> {
    return this.#framed.receiveStream(options);
  }

  /** Receives the next message as an iterator result. */
  next(): Promise<IteratorResult<In, undefined>> {
    return this.#framed.receiver.next();
  }

  /** Iterates over all following messages. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Iterates over all following messages, all buffered ones at a time. Until the loop is left, `switchTo`,
   * `startTls` and `detach` throw a `TypeError`: a batch contains every message that has arrived.
   */
  batches(): MessageIterator<In[]> {
    return this.#framed.batches(this.#lifecycle);
  }

  /**
   * Calls `visitor` with each frame until the peer closes, in place and without allocating. Bypasses the
   * codec. The bytes are valid only during the call. Throws as {@link Connection.receive} does.
   */
  visit(visitor: FrameVisitor): Promise<void> {
    return this.#framed.receiver.visit(visitor);
  }

  /**
   * Switches to another protocol: for sending, from the next message on; for receiving, after the pending
   * calls, or inside `visit` from the next frame on. Buffered bytes are kept.
   *
   * @returns This connection, typed for the new protocol.
   * @throws {ConnectionError} The connection was detached.
   */
  switchTo<NextIn = Uint8Array, NextOut = NextIn>(
    protocol: Framer | Protocol<NextIn, NextOut>,
  ): Connection<NextIn, NextOut> {
    this.#lifecycle.switchTo(protocol);
    return this as unknown as Connection<NextIn, NextOut>;
  }

  /**
   * Stops framing and returns the transport, which first reads the bytes that were read ahead, and writes
   * after the messages that were sent. The connection cannot be used further.
   *
   * @throws {FramingError} The stream violates its framing: message boundaries are lost.
   * @throws {TypeError | ConnectionError} TLS is being started, a body is being read, or the end has begun.
   */
  detach(): Transport {
    return this.#lifecycle.detach();
  }

  /**
   * Upgrades to TLS: as the client if this side connected, otherwise as the server. Earlier messages are
   * sent in plain text. Both ends must agree on the moment, as with SMTP's `STARTTLS` (RFC 3207).
   *
   * @throws {TypeError} More has already arrived (see the option `buffered`), a receive is pending, or a body has
   * not been read. The connection is unchanged.
   * @throws {ConnectionError} TLS could not be started, see `code`. The connection has ended.
   */
  startTls(options: StartTlsOptions = {}): Promise<void> {
    return this.#lifecycle.startTls(options);
  }

  /**
   * Sends all messages, then the end of the stream. Receiving continues up to the peer's end, which closes.
   *
   * @throws {ConnectionError} The connection has failed. Messages may be lost.
   */
  closeWrite(): Promise<void> {
    return this.#lifecycle.closeWrite();
  }

  /** Finishes receiving after the messages that have arrived or are arriving. Sending continues. */
  closeRead(): void {
    this.#framed.receiver.closeRead();
  }

  /**
   * Closes the connection without losing data: sends all messages and the end of the stream, and discards
   * input until the peer has closed, both limited by `closeTimeout`. Pending receives return `undefined`.
   *
   * @throws {ConnectionError} Sent messages have been lost.
   */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  /**
   * Ends the connection immediately in both directions, with a reset where the runtime can send one (not
   * Deno 2.9). Pending calls reject with a `ConnectionError` `"aborted"`, whose `cause` is the reason.
   */
  abort(reason?: unknown): void {
    this.#lifecycle.abort(reason);
  }

  /** Keeps the process running while the connection is open (the default). */
  ref(): void {
    this.#lifecycle.ref();
  }

  /** Lets the process exit while the connection is open; on Deno 2.9 and Node 26 not during a write. */
  unref(): void {
    this.#lifecycle.unref();
  }

  /** Closes the connection, as {@link Connection.close} does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
