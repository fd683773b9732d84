import { FramingError } from "../errors.ts";
import type { Source } from "../flow/receiver.ts";
import type { Turn } from "../flow/turn.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Transport } from "../transports/transport.ts";

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
  #reading: Promise<Uint8Array | number | undefined> | undefined = undefined;
  #room: Uint8Array | undefined = undefined;
  #use: "decode" | "discard" | "detached" = "decode";
  #ended = false;
  /** Reads wait for this: TLS is being started. */
  #upgrading: Promise<unknown> | undefined = undefined;
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

  fill(): Promise<boolean> {
    if (this.#upgrading !== undefined) return this.#upgrading.then(() => this.fill());
    this.#events.watch();
    const transport = this.#transport;
    if (this.#use === "decode" && transport.readInto !== undefined) {
      const reading = transport.readInto(this.#room = this.#decoder.room());
      this.#reading = reading;
      return reading.then(this.#advance);
    }
    const reading = this.#reading = transport.read();
    return reading.then(this.#push);
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

  /** Discards what is read from here on. */
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

  /** Leaves the transport to another reader. Returns its call to read: the read in progress comes first. */
  detach(): () => Promise<Uint8Array | undefined> {
    this.#use = "detached";
    const transport = this.#transport;
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

  readonly #advance = (count: number | undefined): boolean => {
    if (this.#use === "decode") this.#decoder.advance(count ?? 0);
    return this.#arrived(count);
  };

  readonly #push = (chunk: Uint8Array | undefined): boolean => {
    if (this.#use === "decode" && chunk !== undefined) this.#decoder.push(chunk);
    return this.#arrived(chunk?.length);
  };

  /** Something has arrived: so many bytes, or the end. */
  #arrived(length: number | undefined): boolean {
    this.#reading = this.#room = undefined;
    this.#turn.renew();
    if (length !== undefined) {
      this.received += length;
      return true;
    }
    this.#ended = true;
    if (this.#use !== "detached") this.#events.readEnded();
    return false;
  }
}
