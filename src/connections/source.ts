import { FramingError } from "../errors.ts";
import type { ReadResult, Source } from "../flow/source.ts";
import type { Turn } from "../flow/turn.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Transport } from "../transports/transport.ts";

/** Bytes of one chunk that are taken in one turn of the event loop. */
const YIELD_AFTER = 131_072;

/** Receives the events of a {@link TransportSource}. */
export interface SourceEvents {
  /** A read begins. */
  watch(): void;
  /** The end of the stream was read. */
  readEnded(): void;
  /** A read has failed. Returns the error to report. */
  readFailed(error: unknown): unknown;
  /** Returns the error to report after the last whole message. */
  withPartial(error: unknown): unknown;
  /** The stream violates its framing. */
  framingFailed(): void;
}

/**
 * Fills a connection's decoder from its transport, directly into the decoder's memory where the transport
 * can read there.
 */
export class TransportSource implements Source {
  readonly #decoder: FrameDecoder<unknown>;
  readonly #turn: Turn;
  readonly #events: SourceEvents;
  #transport: Transport;
  /** The read in progress, and the decoder's memory that it reads into. */
  #reading: Promise<ReadResult> | undefined = undefined;
  #room: Uint8Array | undefined = undefined;
  #use: "decode" | "discard" | "detached" = "decode";
  #ended = false;
  /** Reads wait for this: TLS is being started. */
  #upgrading: Promise<unknown> | undefined = undefined;
  readonly yieldAfter: number = YIELD_AFTER;
  /** Bytes received so far. */
  received = 0;

  constructor(
    transport: Transport,
    { decoder, turn, events }: {
      readonly decoder: FrameDecoder<unknown>;
      readonly turn: Turn;
      readonly events: SourceEvents;
    },
  ) {
    this.#transport = transport;
    this.#decoder = decoder;
    this.#turn = turn;
    this.#events = events;
  }

  read(): Promise<ReadResult> {
    const upgrading = this.#upgrading;
    if (upgrading !== undefined) return upgrading.then(() => this.read());
    this.#events.watch();
    try {
      const transport = this.#transport;
      if (this.#use !== "decode" || transport.readInto === undefined) {
        return this.#reading = transport.read();
      }
      this.#room = this.#decoder.room();
      return this.#reading = transport.readInto(this.#room);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Adds what has arrived to the decoder: a chunk, a number of bytes in its room, or the end. */
  add(bytes: ReadResult): boolean {
    const decodes = this.#use === "decode";
    if (decodes && bytes === undefined && this.#room !== undefined) this.#decoder.advance(0);
    this.#reading = this.#room = undefined;
    this.#turn.renew();
    if (bytes === undefined) {
      this.#ended = true;
      if (this.#use !== "detached") this.#events.readEnded();
      return false;
    }
    if (typeof bytes === "number") {
      this.received += bytes;
      if (decodes) this.#decoder.advance(bytes);
    } else {
      this.received += bytes.length;
      if (decodes) this.#decoder.push(bytes);
    }
    return true;
  }

  failed(error: unknown): unknown {
    return this.#events.readFailed(error);
  }

  afterMessages(error: unknown): unknown {
    return this.#events.withPartial(error);
  }

  refused(error: unknown): void {
    if (error instanceof FramingError) this.#events.framingFailed();
  }

  discard(): void {
    if (this.#use === "decode") this.#use = "discard";
  }

  /** Continues with the transport of TLS, once it is there. */
  upgrade(transport: Promise<Transport>): void {
    this.#upgrading = transport.then((next) => {
      this.#transport = next;
      this.#upgrading = undefined;
    });
    this.#upgrading.catch(() => {});
  }

  /**
   * Leaves the transport to another reader. Returns its call to read: the read in progress comes first, then
   * those of `transport`.
   */
  detach(transport: Transport): () => Promise<Uint8Array | undefined> {
    this.#use = "detached";
    let reading = this.#ended ? Promise.resolve(undefined) : this.#reading;
    const room = this.#room;
    return async () => {
      if (reading === undefined) return await transport.read();
      const read = reading;
      reading = undefined;
      const bytes = await read;
      return typeof bytes === "number" ? room!.subarray(0, bytes) : bytes;
    };
  }
}
