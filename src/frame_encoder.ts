import { WriteQueue } from "./bytes/write_queue.ts";
import { FrameWriter } from "./frame_writer.ts";
import type { Framer } from "./framers/framer.ts";
import type { ProtocolParts } from "./protocol.ts";

/**
 * Encodes messages into bytes: many messages into few chunks.
 *
 * @typeParam Out A sent message; the frame's bytes if the protocol has no codec.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameEncoder, lines, text } from "@framewright/framewright";
 *
 * const encoder = new FrameEncoder({ framer: lines(), codec: text() });
 * encoder.write("hello");
 * encoder.write("world");
 * assert.deepEqual(encoder.drain(), [new TextEncoder().encode("hello\nworld\n")]);
 * ```
 */
export class FrameEncoder<Out = Uint8Array> {
  readonly #output: WriteQueue = new WriteQueue();
  readonly #writer: FrameWriter<Out>;

  /**
   * Creates an encoder for one stream.
   *
   * @param protocol A protocol, or a framer alone.
   * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
   */
  constructor(protocol: Framer | ProtocolParts<unknown, Out>) {
    this.#writer = new FrameWriter(protocol, this.#output);
  }

  /** Number of bytes written and not yet drained. */
  get pending(): number {
    return this.#output.length;
  }

  /**
   * Writes a message. Frames of 8 KiB or more are passed on as they are: their bytes must not change
   * before they are sent.
   *
   * @throws {TypeError | RangeError} The message cannot be framed, or is longer than
   * `maxFrameLength`. Nothing of it is written.
   */
  write(message: Out): void {
    this.#writer.write(message);
  }

  /**
   * Continues with another protocol from the next message on.
   *
   * @returns This encoder, typed for the new messages.
   */
  switchTo<Next = Uint8Array>(protocol: Framer | ProtocolParts<unknown, Next>): FrameEncoder<Next> {
    const next = this as unknown as FrameEncoder<Next>;
    next.#writer.switchTo(protocol);
    return next;
  }

  /** Removes the bytes written since the last call and returns them, in order. */
  drain(): Uint8Array[] {
    return this.#output.drain();
  }
}
