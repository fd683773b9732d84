import { ConnectionError } from "../errors.ts";
import { FrameDecoder, type FrameVisitor } from "../frame_decoder.ts";
import { FrameEncoder } from "../frame_encoder.ts";
import type { Protocol } from "../protocol.ts";
import type { ReadOptions } from "../streams/frame_reader.ts";
import { Inbound } from "../streams/inbound.ts";
import { messageStream } from "../streams/message_stream.ts";
import { type StreamPair, streamTransport } from "../transports/stream.ts";
import type { Address, Transport } from "../transports/transport.ts";
import { connectionError } from "./connection_error.ts";
import { linger } from "./linger.ts";
import { Outbound } from "./outbound.ts";

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
  readonly #transport: Transport;
  readonly #decoder: FrameDecoder<Message>;
  readonly #encoder: FrameEncoder<Message>;
  readonly #inbound: Inbound<Message>;
  readonly #outbound: Outbound<Message>;
  #readable: ReadableStream<Message> | undefined = undefined;
  #writable: WritableStream<Message> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;
  /** This side has sent its last byte. */
  #finished = false;

  /**
   * Makes a connection of a transport, or of any pair of Web Streams of bytes.
   *
   * @throws {RangeError} `maxFrameLength` is neither an integer from 0 nor `Infinity`.
   */
  constructor(transport: Transport | StreamPair, protocol: Protocol<Message>) {
    this.#decoder = new FrameDecoder(protocol);
    this.#encoder = new FrameEncoder(protocol);
    this.#transport = "readable" in transport ? streamTransport(transport) : transport;
    this.#inbound = new Inbound(this.#decoder, () => this.#transport.read(), {
      ended: () => this.#closeWhenDone(),
      failed: (cause) => {
        const error = connectionError("Cannot receive", cause);
        this.#outbound.fail(error);
        this.#transport.close();
        return error;
      },
    });
    this.#outbound = new Outbound(this.#encoder, this.#transport);
  }

  /** This end, where the transport knows it. */
  get localAddress(): Address | undefined {
    return this.#transport.localAddress;
  }

  /** The peer's end, where the transport knows it. */
  get remoteAddress(): Address | undefined {
    return this.#transport.remoteAddress;
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
   * @returns Resolves when more is welcome, which is at once unless 64 KiB are waiting. Need not be
   * awaited; order is call order.
   * @throws {TypeError | RangeError} The message cannot be framed. Nothing of it is sent.
   * @throws {ConnectionError} The connection has failed, or this side has finished sending.
   */
  send(message: Message): Promise<void> {
    return this.#outbound.send(message);
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
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /**
   * Visits all frames to come where they lie, up to the peer's end: nothing is created for each. The
   * codec is left out.
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
    this.#decoder.switchTo(protocol);
    this.#encoder.switchTo(protocol);
    return this as unknown as Connection<Next>;
  }

  /**
   * Finishes sending: sends what is pending, then the end of the stream. Receiving goes on. When the
   * peer's end has been received too, the connection is closed.
   *
   * @throws {ConnectionError} The connection has failed, and some of what was sent may be lost.
   */
  async closeWrite(): Promise<void> {
    await this.#outbound.closeWrite();
    this.#finished = true;
    this.#closeWhenDone();
  }

  /**
   * Closes the connection and loses nothing: sends what is pending and the end of the stream, lets go
   * of what still arrives until the peer has closed too, for 30 seconds at most and while no 5 pass in
   * silence, and then closes. Closing at once would make the system reset the connection, and the peer
   * lose what it has not read yet. Whoever waits to receive gets `undefined`.
   *
   * @throws {ConnectionError} What was pending could not be sent.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#inbound.stop();
      this.#closing = linger(this.#outbound, this.#inbound)
        .finally(() => this.#transport.close());
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  /**
   * Ends the connection at once, in both directions. Whoever waits is told so by a
   * {@link ConnectionError} with the code `"aborted"`.
   *
   * @param reason Becomes the `cause` of that error.
   */
  abort(reason?: unknown): void {
    const error = new ConnectionError("Connection was aborted", { code: "aborted", cause: reason });
    this.#inbound.stop({ error });
    this.#outbound.fail(error);
    this.#transport.close();
  }

  /** Closes the connection, as {@link Connection.close} does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Both sides have sent their last byte: there is nothing left to lose. */
  #closeWhenDone(): void {
    if (this.#finished && this.#inbound.ended) this.#transport.close();
  }
}
