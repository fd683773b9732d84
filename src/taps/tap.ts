import type { CloseReason } from "../connections/close_reason.ts";

/** `"in"`: from the peer; `"out"`: to the peer. */
export type Direction = "in" | "out";

/** Bytes as they arrived, or as they were passed to the transport. */
export interface ChunkEvent {
  /** Direction of the chunk. */
  readonly direction: Direction;
  /** Offset of the chunk in the stream of its direction, in bytes. */
  readonly offset: number;
  /** The chunk. It must not be changed, and if it is sent, it is valid only during the call. */
  readonly bytes: Uint8Array;
}

/** A frame that was received or sent. */
export interface FrameEvent {
  /** Direction of the frame. */
  readonly direction: Direction;
  /** Offset of the frame in the stream of its direction, in bytes, header included. */
  readonly offset: number;
  /** Size of the frame in bytes, header and trailer included. */
  readonly length: number;
}

/** Backpressure: the peer reads more slowly than this side sends, and `send` asks to wait. */
export interface BackpressureEvent {
  /** Number of bytes that were sent and that the system has not accepted. */
  readonly pending: number;
}

/** The end of one direction, or of the connection. */
export interface EndEvent {
  /** The direction that has ended; `"both"`: the connection is closed. */
  readonly direction: Direction | "both";
  /** How the connection ended; only for `"both"`. */
  readonly reason?: CloseReason;
}

/**
 * Observes a connection. Its functions are called synchronously and must not throw. Without a tap there
 * is no cost. {@link hexDump} creates a tap that prints.
 */
export interface Tap {
  /** Called when a chunk has arrived, or before it is written. */
  chunk?(event: ChunkEvent): void;
  /** Called when a frame is received, which means taken by a call, or sent. */
  frame?(event: FrameEvent): void;
  /** Called when `send` begins to ask to wait. */
  backpressure?(event: BackpressureEvent): void;
  /** Called when the peer's stream has ended, this side's stream has, or the connection is closed. */
  end?(event: EndEvent): void;
}
