import type { Decoding } from "../flow/takes.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Transport } from "../transports/transport.ts";
import type { CloseReason } from "../connections/close_reason.ts";
import { overlay } from "../transports/overlay.ts";

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

/** Shows a tap the chunks of a connection, which keep their offsets when TLS changes the transport. */
export class ChunkTap {
  readonly #tap: Tap;
  #received = 0;
  #sent = 0;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  /** Returns a transport that shows the tap what passes over another one. */
  over(transport: Transport): Transport {
    return overlay(transport, {
      read: async () => {
        const bytes = await transport.read();
        if (bytes === undefined) {
          this.#tap.end?.({ direction: "in" });
        } else {
          this.#tap.chunk?.({ direction: "in", offset: this.#received, bytes });
          this.#received += bytes.length;
        }
        return bytes;
      },
      readInto: undefined,
      write: (chunks) => {
        for (const bytes of chunks) {
          this.#tap.chunk?.({ direction: "out", offset: this.#sent, bytes });
          this.#sent += bytes.length;
        }
        return transport.write(chunks);
      },
      closeWrite: async () => {
        await transport.closeWrite();
        this.#tap.end?.({ direction: "out" });
      },
      startTls: undefined,
    });
  }
}

/** The decoder's calls to take messages, which show a tap each frame that is taken. */
export function tapDecoding<In>(decoder: FrameDecoder<In>, tap: Tap): Decoding<In> {
  function show(offset: number): void {
    const length = decoder.offset - offset;
    if (length > 0) tap.frame?.({ direction: "in", offset, length });
  }
  function read(): In | undefined {
    const { offset } = decoder;
    try {
      return decoder.read();
    } finally {
      // A frame that the codec rejects has been taken, too.
      show(offset);
    }
  }
  return {
    get offset() {
      return decoder.offset;
    },
    read,
    readAll() {
      const message = read();
      return message === undefined ? [] : [message];
    },
    visit(visitor) {
      let { offset } = decoder;
      decoder.visit((bytes, start, end) => {
        show(offset);
        offset = decoder.offset;
        visitor(bytes, start, end);
      });
    },
  };
}
