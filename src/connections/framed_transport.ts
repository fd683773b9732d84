import { abortable } from "../async/abortable.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { ConnectionError } from "../errors.ts";
import type { ByteSource } from "../flow/byte_source.ts";
import { Receiver } from "../flow/receiver.ts";
import { Sender } from "../flow/sender.ts";
import type { SenderEvents } from "../flow/sender_events.ts";
import {
  type ReadStreamOptions,
  receiveStream,
  type StreamedFrame,
} from "../flow/streamed_frame.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import { type Protocol, protocolOf, type ProtocolParts } from "../protocol.ts";
import { ChunkTap } from "../taps/chunk_tap.ts";
import { tapDecoding } from "../taps/tap_decoding.ts";
import type { Tap } from "../taps/tap.ts";
import type { StartTlsOptions, Transport } from "../transports/transport.ts";
import type { OpeningPair, StreamPair } from "../transports/web/stream_pair.ts";
import { transportOf } from "../transports/web/stream_transport.ts";
import { BatchIterator, type BatchIterators } from "./batch_iterator.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { detachedTransport, readAheadError } from "./detached_transport.ts";
import type { Progress } from "./progress.ts";
import { TimeLimits } from "./time_limits.ts";
import { type SourceEvents, TransportSource } from "./transport_source.ts";
import type { WatchdogEvents } from "./watchdog.ts";

/** Receives the events of a {@link FramedTransport}. */
export interface FramedTransportEvents extends SenderEvents, SourceEvents, WatchdogEvents {}

/**
 * A transport with its framing, and the parts of a connection that work on it:
 *
 * ```text
 *               ┌─▶ source ─▶ decoder ─▶ receiver ─▶ messages
 *   transport ──┤
 *               └── sender ◀─ messages
 * ```
 *
 * It reports events and knows no states: the lifecycle decides what may be called when.
 */
export class FramedTransport<In, Out> implements Progress {
  /** The transport, which TLS replaces. */
  transport: Transport;
  /** The protocol, which `switchTo` replaces. */
  protocol: ProtocolParts<unknown, never>;
  readonly tap: Tap | undefined;
  readonly receiver: Receiver<In>;
  readonly sender: Sender<Out>;
  readonly timeLimits: TimeLimits;
  readonly #decoder: FrameDecoder<In>;
  readonly #maxBodyLength: number;
  readonly #source: TransportSource;
  readonly #chunkTap: ChunkTap | undefined;

  /** @throws {TypeError | RangeError} The protocol or an option is invalid. */
  constructor(
    transport: Transport | StreamPair | OpeningPair,
    protocol: Framer | Protocol<In, Out> & ConnectionOptions,
    events: FramedTransportEvents,
  ) {
    const options: Protocol<In, Out> & ConnectionOptions = ownProtocol(protocol);
    this.protocol = options;
    const { tap } = options;
    this.tap = tap;
    const limits = limitsOf(options);
    const { highWaterMark, maxBodyLength } = limits;
    this.#maxBodyLength = maxBodyLength;
    const decoder = this.#decoder = new FrameDecoder<In>(options);
    this.transport = transportOf(transport);
    this.#chunkTap = tap && new ChunkTap(tap);
    const tapped = this.#tapped(this.transport);
    const timeLimits = this.timeLimits = new TimeLimits(limits, this, events);
    const { turn } = this.sender = new Sender<Out>(options, tapped, {
      highWaterMark,
      events,
    });
    this.#source = new TransportSource(tapped, { decoder, turn, timeLimits, events });
    this.receiver = new Receiver(
      decoder,
      this.#source,
      tap === undefined ? decoder : tapDecoding(decoder, tap),
    );
  }

  get received(): number {
    return this.#source.received;
  }

  get written(): number {
    return this.transport.written;
  }

  get waiting(): boolean {
    return this.receiver.waiting;
  }

  get frameOffset(): number {
    return this.#decoder.offset;
  }

  get frameLength(): number {
    const { opened, buffered } = this.#decoder;
    return opened === undefined ? buffered : opened.received;
  }

  get expectedLength(): number | undefined {
    return this.#decoder.expectedLength;
  }

  get pending(): number {
    return this.sender.pending;
  }

  send(message: Out, signal: AbortSignal | undefined): Promise<void> {
    const { sender } = this;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return this.tap === undefined
      ? sender.send(message, signal)
      : this.#reported(() => sender.send(message, signal));
  }

  sendStream(length: number, source: ByteSource, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const options = { length, limit: this.#maxBodyLength, source, signal };
    return this.#reported(() => this.sender.sendStream(options));
  }

  batches(count: BatchIterators): BatchIterator<In> {
    return new BatchIterator(this.receiver, count);
  }

  /** Sends a frame and reports it to the tap, if there is one. */
  #reported(send: () => Promise<void>): Promise<void> {
    const { backlog } = this.sender;
    const offset = backlog.sent;
    const sent = send();
    const length = backlog.sent - offset;
    if (length > 0) this.tap?.frame?.({ direction: "out", offset, length });
    return sent;
  }

  receiveStream(options: ReadStreamOptions = {}): Promise<StreamedFrame | undefined> {
    const { maxBodyLength = this.#maxBodyLength, signal } = options;
    return receiveStream(this.receiver, (decoding) => decoding.open(maxBodyLength), signal);
  }

  /** Switches to another protocol: from the next message on, and after the calls that wait to receive. */
  switchTo(protocol: Framer | ProtocolParts<unknown, never>): void {
    const next = ownProtocol(protocol);
    this.sender.switchTo(next);
    this.receiver.switchTo(next);
    this.protocol = next;
  }

  /**
   * Requires that TLS can be started.
   *
   * @throws {TypeError} More bytes have arrived, which must be refused, a receive is pending, or a body has not been
   * read.
   * @throws {ConnectionError} The transport does not support it.
   */
  requireUpgradable({ buffered }: StartTlsOptions): void {
    if (this.#decoder.opened !== undefined) {
      throw new TypeError("Cannot start TLS: a body has not been read");
    }
    if (buffered !== "tls" && this.#decoder.buffered > 0) throw readAheadError();
    if (this.receiver.reading) throw new TypeError("Cannot start TLS: a receive is pending");
    if (this.transport.startTls !== undefined) return;
    throw new ConnectionError("Cannot start TLS: not supported by this transport", {
      code: "unsupported",
    });
  }

  /**
   * Starts TLS once all messages sent before have been written. Later ones wait for the handshake. The time
   * limit covers both.
   */
  async upgrade(options: StartTlsOptions): Promise<void> {
    const { sender, transport } = this;
    const received = options.buffered === "tls" ? this.#takeBuffered() : undefined;
    const handshake = this.timeLimits.limitHandshake();
    let tapped: Transport;
    const upgraded = sender.upgrade(async () => {
      const next = await transport.startTls!(options, handshake.signal, received);
      if (sender.failure !== undefined) {
        next.abort();
        throw sender.failure;
      }
      this.transport = next;
      return tapped = this.#tapped(next);
    });
    this.#source.upgrade(upgraded.then(() => tapped));
    await abortable(upgraded, handshake.signal).finally(() => handshake.end());
  }

  /**
   * Stops framing and returns the transport, which first reads the bytes that were read ahead, and writes
   * after the messages that were sent.
   *
   * @throws {FramingError} The stream violates its framing. Nothing has changed.
   */
  detach(): Transport {
    const { sender, transport } = this;
    const ahead = this.receiver.detach();
    const read = this.#source.detach(transport);
    sender.detach();
    const flushed = () =>
      sender.failure === undefined && sender.backlog.idle ? undefined : sender.flush();
    return detachedTransport(transport, { ahead, read, flushed });
  }

  /** Takes all bytes out of the decoder: as one frame, since only they are in it. */
  #takeBuffered(): Uint8Array {
    const decoder = this.#decoder as FrameDecoder<unknown>;
    const { buffered } = decoder;
    if (buffered === 0) return NOTHING;
    decoder.switchTo({
      framer: { measure: () => buffered, write() {} },
      maxFrameLength: Infinity,
    });
    const received = decoder.read() as Uint8Array;
    decoder.switchTo(this.protocol);
    return received;
  }

  #tapped(transport: Transport): Transport {
    return this.#chunkTap === undefined ? transport : this.#chunkTap.over(transport);
  }
}

/** Returns the protocol of a new connection, with all of its options. */
function ownProtocol<Options extends ProtocolParts<unknown, never>>(
  given: Framer | Options,
): Options {
  const options = protocolOf(given) as Options;
  return (options.perConnection?.(options) ?? options) as Options;
}
