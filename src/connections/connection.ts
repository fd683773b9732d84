import { ConnectionError, FramingError } from "../errors.ts";
import { FrameDecoder, type FrameVisitor, queueOf } from "../frame_decoder.ts";
import { FrameEncoder } from "../frame_encoder.ts";
import { frameLimit, type Protocol } from "../protocol.ts";
import type { ReadOptions } from "../streams/frame_reader.ts";
import { Inbound, type InboundOwner } from "../streams/inbound.ts";
import { DONE, Yielded } from "../streams/iterator_result.ts";
import { messageStream } from "../streams/message_stream.ts";
import { type StreamPair, streamTransport } from "../transports/stream.ts";
import type { Address, TlsOptions, Transport } from "../transports/transport.ts";
import { abortable } from "./abortable.ts";
import { type CloseReason, reasonOf } from "./close_reason.ts";
import { connectionError } from "./connection_error.ts";
import { type ConnectionOptions, type Limits, limitsOf } from "./connection_options.ts";
import { detached, readAhead, spent } from "./detached.ts";
import { Ending } from "./ending.ts";
import { Landing } from "./landing.ts";
import { linger } from "./linger.ts";
import { Outbound, type OutboundOwner } from "./outbound.ts";
import { drop } from "./overlay.ts";
import { ReadTimer } from "./read_timer.ts";
import { checkTls } from "./tls_options.ts";
import { type Tap, TappedDecoder, TappedEncoder, tapTransport } from "./tap.ts";

/** A frame of which more than this is missing is read to where it will lie whole, instead of joined there. */
const MUCH = 16_384;

/** The options of {@link Connection.send}. */
export interface SendOptions {
  /** Gives up waiting for room. What was sent leaves all the same, unless it was aborted before. */
  readonly signal?: AbortSignal;
}

/**
 * Whole messages in, whole messages out, over any transport. Client and server are the same beast.
 *
 * Iterating over it receives until the peer has closed; leaving the loop leaves the connection as it
 * is, so that one can go on, say with another protocol.
 *
 * @typeParam Message What is sent and received; frames where the protocol has no codec.
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
export class Connection<Message = Uint8Array>
  implements AsyncIterableIterator<Message, undefined>, AsyncDisposable {
  /** What the two halves ask and tell: one object, since there may be many connections. */
  static readonly #Owner = class implements InboundOwner, OutboundOwner {
    readonly #connection: Connection<unknown>;

    constructor(connection: Connection<unknown>) {
      this.#connection = connection;
    }

    get highWaterMark(): number {
      return this.#connection.#limits.highWaterMark;
    }

    read(): Promise<Uint8Array | undefined> {
      return this.#connection.#timer.watch(this.#connection.#read());
    }

    arrived(): void {
      this.#connection.#outbound.turned();
    }

    landed(chunk: Uint8Array): boolean {
      return this.#connection.#landing?.take(chunk) === true;
    }

    ended(): void {
      this.#connection.#ending.begin("remote");
      this.#connection.#closeWhenDone();
    }

    failed(cause: unknown): ConnectionError {
      return this.#connection.#fail(connectionError("Cannot receive", cause));
    }

    refused(error: unknown): void {
      if (error instanceof FramingError) this.#connection.#ending.fail("framing");
    }

    stalled(pending: number): void {
      this.#connection.#tap?.stall?.({ pending });
    }

    broken({ code }: ConnectionError): void {
      this.#connection.#ending.fail(reasonOf(code));
    }
  };

  readonly #decoder: FrameDecoder<Message>;
  readonly #encoder: FrameEncoder<Message>;
  readonly #inbound: Inbound<Message>;
  readonly #outbound: Outbound<Message>;
  readonly #limits: Limits;
  readonly #timer: ReadTimer;
  readonly #tap: Tap | undefined;
  readonly #ending: Ending = new Ending();
  #transport: Transport;
  /** Where chunks land that are visited, or parts of large frames, if the transport reads where it is told to. */
  #landing: Landing | undefined = undefined;
  /** Lends memory there: made once, for all reads. */
  #lend: (() => Uint8Array) | undefined = undefined;
  /** TLS is being started. */
  #upgrading: Promise<unknown> | undefined = undefined;
  #readable: ReadableStream<Message> | undefined = undefined;
  #writable: WritableStream<Message> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;
  /** This side has sent its last byte. */
  #finished = false;

  /**
   * Makes a connection of a transport, or of any pair of Web Streams of bytes.
   *
   * @throws {RangeError} `maxFrameLength`, or an option, is no number that it can be.
   */
  constructor(
    transport: Transport | StreamPair,
    protocol: Protocol<Message> & ConnectionOptions,
  ) {
    const { tap } = protocol;
    this.#limits = limitsOf(protocol);
    this.#decoder = tap ? new TappedDecoder(protocol, tap) : new FrameDecoder(protocol);
    this.#encoder = tap ? new TappedEncoder(protocol, tap) : new FrameEncoder(protocol);
    this.#timer = new ReadTimer(this.#limits, this.#decoder);
    const bare = "readable" in transport ? streamTransport(transport) : transport;
    this.#transport = tap ? tapTransport(bare, tap) : bare;
    this.#tap = tap;
    const owner = new Connection.#Owner(this as unknown as Connection<unknown>);
    this.#inbound = new Inbound(this.#decoder, owner);
    this.#outbound = new Outbound(this.#encoder, this.#transport, owner);
  }

  /** This end, where the transport knows it. */
  get localAddress(): Address | undefined {
    return this.#transport.localAddress;
  }

  /** The peer's end, where the transport knows it. */
  get remoteAddress(): Address | undefined {
    return this.#transport.remoteAddress;
  }

  /**
   * How it came to its end: resolves when it is closed, and never rejects. That the peer has gone is
   * noticed by whoever receives; who only sends is told by `send`, and closes.
   */
  get closed(): Promise<CloseReason> {
    return this.#ending.closed;
  }

  /** How many bytes were sent and have not left yet. */
  get pending(): number {
    return this.#outbound.pending;
  }

  /** What is sent and received is encrypted by TLS. */
  get encrypted(): boolean {
    return this.#transport.tls !== undefined;
  }

  /** The protocol that both ends agreed on by ALPN (RFC 7301), if they did. */
  get alpn(): string | undefined {
    return this.#transport.tls?.alpn;
  }

  /** The certificate that the peer has shown by TLS, as DER. */
  get peerCertificate(): Uint8Array | undefined {
    return this.#transport.tls?.peerCertificate;
  }

  /** The messages that are received, as a Web Stream. Cancelling it aborts the connection. */
  get readable(): ReadableStream<Message> {
    return this.#readable ??= messageStream(this.#inbound, (reason) => this.abort(reason));
  }

  /** The messages to be sent, as a Web Stream. Closing it is `closeWrite`, aborting it `abort`. */
  get writable(): WritableStream<Message> {
    return this.#writable ??= new WritableStream<Message>({
      write: (message) => this.send(message),
      close: () => this.closeWrite(),
      abort: (reason) => this.abort(reason),
    });
  }

  /**
   * Sends a message. Messages of one turn of the event loop leave in few writes, and all of them by its
   * end; frames of 8 KiB or more are passed on as they are, and must not change before they have left.
   *
   * @returns Resolves when more is welcome, which is at once unless `highWaterMark` bytes are waiting.
   * Need not be awaited; order is call order.
   * @throws {TypeError | RangeError} The message cannot be framed. Nothing of it is sent.
   * @throws {ConnectionError} The connection has failed, or this side has finished sending.
   * @throws The reason of the signal.
   */
  send(message: Message, options?: SendOptions): Promise<void> {
    const signal = options?.signal;
    if (signal === undefined) return this.#outbound.send(message);
    if (signal.aborted) return Promise.reject(signal.reason);
    return abortable(this.#outbound.send(message), signal);
  }

  /**
   * Waits until all that was sent has been handed to the system.
   *
   * @throws {ConnectionError} The connection has failed, and some of it may be lost.
   */
  flush(): Promise<void> {
    return this.#outbound.flush();
  }

  /**
   * Receives the next message. Calls that wait at the same time are served in their order.
   *
   * @returns The message; `undefined` when the peer has closed between two messages, or this side has
   * closed the connection.
   * @throws {FramingError} The stream cannot be framed, or ended inside a frame; the same for ever.
   * @throws {CodecError} This message cannot be decoded; the next one can be received.
   * @throws {ConnectionError} The connection has failed, after all messages before; the same for ever.
   */
  receive(options: ReadOptions = {}): Promise<Message | undefined> {
    return this.#inbound.receive(options.signal);
  }

  /** Receives the next message, as iterators do. */
  next(): Promise<IteratorResult<Message, undefined>> {
    return this.#inbound.next();
  }

  /** Iterates over all messages to come. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Iterates over all messages to come, all whole ones at hand at once: one at least. */
  batches(): AsyncIterableIterator<Message[], undefined> {
    const iterator: AsyncIterableIterator<Message[], undefined> = {
      next: async () => {
        const value = await this.#inbound.batch();
        return value === undefined ? DONE : new Yielded(value);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /**
   * Visits all frames to come where they lie, up to the peer's end: nothing is created for each. The
   * codec is left out, and the bytes are lent for the call: the visitor copies what is to stay.
   *
   * @throws {FramingError | ConnectionError} As {@link Connection.receive} throws them.
   */
  visit(visitor: FrameVisitor): Promise<void> {
    return this.#inbound.visit(visitor);
  }

  /**
   * Goes on with another protocol: from the next message received that was not asked for yet, and from
   * the next one sent. No byte is lost, whatever was read ahead.
   *
   * @returns This connection, as one of the other messages.
   */
  switchTo<Next = Uint8Array>(protocol: Protocol<Next>): Connection<Next> {
    frameLimit(protocol);
    this.#inbound.inTurn(() => void this.#decoder.switchTo(protocol));
    this.#encoder.switchTo(protocol);
    return this as unknown as Connection<Next>;
  }

  /**
   * Stops framing, and hands back the transport, which gives the bytes first that were read ahead, and
   * writes behind what was sent. The connection is of no further use.
   *
   * @throws {FramingError} Framing had failed already: the bounds of messages are lost.
   * @throws {ConnectionError} The connection has ended.
   */
  detach(): Transport {
    if (this.#ending.over) {
      throw new ConnectionError("Cannot detach: the connection has ended", { code: "closed" });
    }
    const transport = this.#transport;
    const outbound = this.#outbound;
    const { ahead, read } = this.#inbound.detach(() => transport.read());
    const flushed = () => outbound.pending === 0 ? undefined : outbound.flush();
    this.#timer.stop();
    outbound.detach();
    this.#transport = spent(transport);
    this.#ending.fail("detached");
    this.#finish();
    return detached(transport, { ahead, read, flushed });
  }

  /**
   * Goes on by TLS, in the role that this side has had from the start: who has connected is the client.
   * What was sent before leaves in plain text, what is sent or received from here on is encrypted.
   * Both ends agree on it beforehand, as by SMTP's `STARTTLS` (RFC 3207). On Workers plain bytes that came
   * between that and this call cannot be told from others (workerd 20260730): use TLS from the start there.
   *
   * @throws {TypeError} The peer has sent more in plain text already, which must not pass for what comes
   * by TLS (CVE-2011-0411), or somebody waits to receive. Nothing has happened.
   * @throws {ConnectionError} TLS could not be started: `code` says why. The connection has ended.
   */
  async startTls(options: TlsOptions = {}): Promise<void> {
    const transport = this.#transport;
    checkTls("Cannot start TLS", options);
    if (this.#decoder.buffered > 0) throw readAhead();
    if (this.#inbound.reading) throw new TypeError("Cannot start TLS: a message is waited for");
    if (this.#upgrading !== undefined) throw new TypeError("Cannot start TLS: it is being started");
    if (transport.startTls === undefined) {
      throw new ConnectionError("Cannot start TLS: this transport has none", {
        code: "unsupported",
      });
    }
    this.#upgrading = this.#outbound.switchTo(async () => {
      const next = await transport.startTls!(options).catch((cause) => {
        throw connectionError("Cannot start TLS", cause);
      });
      if (this.#ending.over) drop(next);
      return this.#transport = next;
    });
    try {
      await this.#upgrading;
      this.#upgrading = undefined;
    } catch (error) {
      throw this.#stop(error as ConnectionError);
    }
  }

  /**
   * Finishes sending: sends what is pending, then the end of the stream. Receiving goes on. When the
   * peer's end has been received too, the connection is closed.
   *
   * @throws {ConnectionError} The connection has failed, and some of what was sent may be lost.
   */
  async closeWrite(): Promise<void> {
    this.#ending.begin("local");
    await this.#outbound.closeWrite();
    this.#finished = true;
    this.#closeWhenDone();
  }

  /**
   * Closes the connection and loses nothing: sends what is pending and the end of the stream, lets go
   * of what still arrives until the peer has closed too, for 30 seconds at most and while no 5 pass in
   * silence (`closeTimeout`), and then closes. Closing at once would make the system reset the connection, and the peer
   * lose what it has not read yet. Whoever waits to receive gets `undefined`.
   *
   * @throws {ConnectionError} What was pending could not be sent.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#ending.begin("local");
      this.#timer.stop();
      this.#inbound.stop();
      this.#closing = linger(this.#outbound, this.#inbound, this.#limits.closeTimeout).then(
        () => this.#transport.close(),
        (error: ConnectionError) => {
          throw this.#stop(error);
        },
      ).finally(() => this.#finish());
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  /**
   * Ends the connection at once, in both directions, so that the peer is told of a reset where the
   * system can: Deno 2.9 has no call for it. Whoever waits is told by a {@link ConnectionError} with the
   * code `"aborted"`.
   *
   * @param reason Becomes the `cause` of that error.
   */
  abort(reason?: unknown): void {
    this.#stop(
      new ConnectionError("Connection was aborted", { code: "aborted", cause: reason }),
    );
  }

  /** Keeps the process running, as it does unless {@link Connection.unref} was called. */
  ref(): void {
    this.#transport.ref?.();
  }

  /** Lets the process end though the connection is open. */
  unref(): void {
    this.#transport.unref?.();
  }

  /** Closes the connection, as {@link Connection.close} does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #read(): Promise<Uint8Array | undefined> {
    if (this.#upgrading !== undefined) return this.#upgrading.then(() => this.#read());
    const { buffered, expectedLength = 0 } = this.#decoder;
    const missing = expectedLength - buffered;
    const lands = this.#inbound.visited || missing > MUCH;
    // Where time is limited, each byte counts that shows the peer alive.
    return this.#transport.read(
      missing > 0 && !this.#timer.running ? missing : 1,
      lands ? this.#lend ??= this.#lender() : undefined,
    );
  }

  #lender(): () => Uint8Array {
    return () => (this.#landing ??= new Landing(queueOf(this.#decoder))).lend();
  }

  /** Both sides have sent their last byte: there is nothing left to lose. */
  #closeWhenDone(): void {
    if (!this.#finished || !this.#inbound.ended) return;
    this.#transport.close();
    this.#finish();
  }

  /** Ends it at once: whoever waits, for whatever, is told why. */
  #stop(error: ConnectionError): ConnectionError {
    this.#inbound.stop({ error });
    return this.#fail(error);
  }

  #fail(error: ConnectionError): ConnectionError {
    this.#ending.fail(reasonOf(error.code));
    this.#outbound.fail(error);
    this.#timer.stop();
    drop(this.#transport);
    this.#finish();
    return error;
  }

  #finish(): void {
    const reason = this.#ending.finish();
    if (reason !== undefined) this.#tap?.end?.({ direction: "both", reason });
  }
}
