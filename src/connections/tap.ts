import { FrameDecoder, type FrameVisitor } from "../frame_decoder.ts";
import { FrameEncoder } from "../frame_encoder.ts";
import type { Protocol } from "../protocol.ts";
import type { Transport } from "../transports/transport.ts";
import type { CloseReason } from "./close_reason.ts";
import { overlay } from "./overlay.ts";

/** `"in"`: from the peer; `"out"`: to the peer. */
export type Direction = "in" | "out";

/** Bytes as they arrived, or as they were handed to the transport. */
export interface ChunkEvent {
  /** Which way it goes. */
  readonly direction: Direction;
  /** Where in its direction's stream the chunk begins, in bytes. */
  readonly offset: number;
  /** The chunk, to look at: it must not be changed. */
  readonly bytes: Uint8Array;
}

/** A frame that was received or sent. */
export interface FrameEvent {
  /** Which way it goes. */
  readonly direction: Direction;
  /** Where in its direction's stream the frame begins, its header included, in bytes. */
  readonly offset: number;
  /** How many bytes it takes on the wire, header and trailer included. */
  readonly length: number;
}

/** The peer does not take what is sent as fast as it is sent: senders are asked to wait. */
export interface StallEvent {
  /** How many bytes wait. */
  readonly pending: number;
}

/** One direction of the stream has ended, or the connection has, and then there is a reason. */
export interface EndEvent {
  /** Which direction has ended; `"both"`: the connection is closed. */
  readonly direction: Direction | "both";
  /** How the connection came to its end. */
  readonly reason?: CloseReason;
}

/**
 * Is shown what happens on a connection, as it happens. It must not throw, and costs nothing where there
 * is none. {@link hexDump} makes one that prints.
 */
export interface Tap {
  /** A chunk has arrived, or leaves. */
  chunk?(event: ChunkEvent): void;
  /** A frame was received, which is when somebody asked for it, or sent. */
  frame?(event: FrameEvent): void;
  /** Senders are asked to wait. */
  stall?(event: StallEvent): void;
  /** The peer has sent its last byte, this side has, or the connection is closed. */
  end?(event: EndEvent): void;
}

/**
 * A transport that shows a tap what it carries.
 *
 * @param passed How many bytes have passed already.
 */
export function tapTransport(
  transport: Transport,
  tap: Tap,
  passed: Record<Direction, number> = { in: 0, out: 0 },
): Transport {
  const startTls = transport.startTls?.bind(transport);
  return overlay(transport, {
    async read(atLeast) {
      const bytes = await transport.read(atLeast);
      if (bytes === undefined) {
        tap.end?.({ direction: "in" });
      } else {
        tap.chunk?.({ direction: "in", offset: passed.in, bytes });
        passed.in += bytes.length;
      }
      return bytes;
    },
    write(bytes) {
      tap.chunk?.({ direction: "out", offset: passed.out, bytes });
      passed.out += bytes.length;
      return transport.write(bytes);
    },
    async closeWrite() {
      await transport.closeWrite();
      tap.end?.({ direction: "out" });
    },
    ...startTls !== undefined && {
      startTls: async (options, signal) =>
        tapTransport(await startTls(options, signal), tap, passed),
    },
  });
}

/** A decoder that shows a tap the frames it finds. */
export class TappedDecoder<Message> extends FrameDecoder<Message> {
  readonly #tap: Tap;

  constructor(protocol: Protocol<Message>, tap: Tap) {
    super(protocol);
    this.#tap = tap;
  }

  override read(): Message | undefined {
    const offset = this.offset;
    try {
      return super.read();
    } finally {
      // A frame that no codec understands has been taken, too.
      this.#show(offset);
    }
  }

  override visit(visitor: FrameVisitor): void {
    let offset = this.offset;
    super.visit((bytes, start, end) => {
      this.#show(offset);
      offset = this.offset;
      visitor(bytes, start, end);
    });
  }

  #show(offset: number): void {
    const length = this.offset - offset;
    if (length > 0) this.#tap.frame?.({ direction: "in", offset, length });
  }
}

/** An encoder that shows a tap the frames it writes. */
export class TappedEncoder<Message> extends FrameEncoder<Message> {
  readonly #tap: Tap;
  #drained = 0;

  constructor(protocol: Protocol<Message>, tap: Tap) {
    super(protocol);
    this.#tap = tap;
  }

  override write(message: Message): void {
    const before = this.pending;
    super.write(message);
    const offset = this.#drained + before;
    this.#tap.frame?.({ direction: "out", offset, length: this.pending - before });
  }

  override drain(): Uint8Array[] {
    this.#drained += this.pending;
    return super.drain();
  }
}
