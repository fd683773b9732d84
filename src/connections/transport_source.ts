import { NOTHING } from "../bytes/nothing.ts";
import { ConnectionError, FramingError } from "../errors.ts";
import type { ReadResult, Source } from "../flow/source.ts";
import type { Turn } from "../flow/turn.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Transport } from "../transports/transport.ts";
import type { TimeLimits } from "./time_limits.ts";

/** Bytes of one chunk that are taken in one turn of the event loop. */
const YIELD_AFTER = 131_072;

/** Receives the events of a {@link TransportSource}. */
export interface SourceEvents {
  /** The end of the stream has been read. */
  readEnded(): void;
  /** Pending calls have got the end, or its error. */
  endReported(): void;
  /** A read has failed. Returns the error to report. */
  readFailed(error: unknown): unknown;
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
  readonly #timeLimits: TimeLimits;
  readonly #events: SourceEvents;
  #transport: Transport;
  /** The read in progress, and the decoder's memory that it reads into. */
  #reading: Promise<ReadResult> | undefined = undefined;
  #room: Uint8Array | undefined = undefined;
  #use: "decode" | "discard" | "detached" = "decode";
  /** The TLS upgrade in progress, which reads wait for. */
  #upgrading: Promise<unknown> | undefined = undefined;
  readonly yieldAfter: number = YIELD_AFTER;
  /** Number of bytes received. */
  received = 0;

  constructor(
    transport: Transport,
    { decoder, turn, timeLimits, events }: {
      readonly decoder: FrameDecoder<unknown>;
      readonly turn: Turn;
      readonly timeLimits: TimeLimits;
      readonly events: SourceEvents;
    },
  ) {
    this.#transport = transport;
    this.#decoder = decoder;
    this.#turn = turn;
    this.#timeLimits = timeLimits;
    this.#events = events;
  }

  read(): Promise<ReadResult> {
    const upgrading = this.#upgrading;
    if (upgrading !== undefined) return upgrading.then(() => this.read());
    this.#timeLimits.watch();
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

  /** Adds the result of a read to the decoder: a chunk, a number of bytes in its room, or the end. */
  add(bytes: ReadResult): boolean {
    const decodes = this.#use === "decode";
    if (decodes && bytes === undefined && this.#room !== undefined) this.#decoder.advance(0);
    this.#room = undefined;
    this.#turn.renew();
    if (bytes === undefined) {
      // The read of the end is kept: a new owner of the transport gets its result.
      if (this.#use !== "detached") this.#events.readEnded();
      return false;
    }
    this.#reading = undefined;
    if (typeof bytes === "number") {
      this.received += bytes;
      if (decodes) this.#decoder.advance(bytes);
    } else {
      this.received += bytes.length;
      if (decodes) this.#decoder.push(bytes);
    }
    return true;
  }

  ended(): void {
    this.#events.endReported();
  }

  failed(error: unknown): unknown {
    return this.#events.readFailed(error);
  }

  /** Adds the partial frame to an error of the network. */
  afterMessages(error: unknown): unknown {
    const { opened, buffered, expectedLength: expected } = this.#decoder;
    const received = opened === undefined ? buffered : opened.received;
    if (!(error instanceof ConnectionError) || received === 0) return error;
    const partial = opened === undefined ? this.#decoder.detach() : NOTHING;
    return Object.assign(error, { received, ...expected !== undefined && { expected }, partial });
  }

  refused(error: unknown): void {
    if (error instanceof FramingError) this.#events.framingFailed();
  }

  discard(): void {
    if (this.#use === "decode") this.#use = "discard";
  }

  /** Continues with the TLS transport after the handshake. */
  upgrade(transport: Promise<Transport>): void {
    this.#upgrading = transport.then((next) => {
      this.#transport = next;
      this.#upgrading = undefined;
    });
    this.#upgrading.catch(() => {});
  }

  /** Stops reading. Returns a function that returns the read in progress first, and then reads `transport`. */
  detach(transport: Transport): () => Promise<Uint8Array | undefined> {
    this.#use = "detached";
    let reading = this.#reading;
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
