import { ByteWriter } from "./bytes/byte_writer.ts";
import { isBytes } from "./bytes/is_bytes.ts";
import type { Codec } from "./codecs/codec.ts";
import type { Framer } from "./framers/framer.ts";
import { frameLimit, type Protocol } from "./protocol.ts";

/**
 * Makes bytes of messages, few chunks of many messages.
 *
 * @typeParam Message What a frame means; its bytes where the protocol has no codec.
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
export class FrameEncoder<Message = Uint8Array> {
  readonly #output: ByteWriter = new ByteWriter();
  #framer: Framer;
  #codec: Codec<Uint8Array, Message> | undefined;
  #limit: number;

  /**
   * Makes an encoder of one stream.
   *
   * @throws {RangeError} `maxFrameLength` is neither an integer from 0 nor `Infinity`.
   */
  constructor(protocol: Protocol<Message>) {
    this.#framer = protocol.framer;
    this.#codec = protocol.codec;
    this.#limit = frameLimit(protocol);
  }

  /** How many bytes wait to be drained. */
  get length(): number {
    return this.#output.length;
  }

  /**
   * Writes a message. Frames of 8 KiB or more are passed on as they are: their bytes must not change
   * before they are sent.
   *
   * @throws {TypeError | RangeError} The message cannot be framed, or is longer than
   * `maxFrameLength`. Nothing of it is written then.
   */
  write(message: Message): void {
    const frame = this.#codec === undefined ? message as Uint8Array : this.#codec.encode(message);
    if (!isBytes(frame)) {
      throw new TypeError("Cannot write message: a frame is a Uint8Array");
    }
    if (frame.length > this.#limit) {
      throw new RangeError(
        `Cannot write frame of ${frame.length} bytes: limit is ${this.#limit}`,
      );
    }
    const output = this.#output;
    const length = output.length;
    try {
      this.#framer.write(frame, output);
    } catch (error) {
      output.truncate(length);
      throw error;
    }
  }

  /**
   * Goes on with another protocol from the next message on.
   *
   * @returns This encoder, as one of the other messages.
   */
  switchTo<Next = Uint8Array>(protocol: Protocol<Next>): FrameEncoder<Next> {
    const next = this as unknown as FrameEncoder<Next>;
    next.#limit = frameLimit(protocol);
    next.#framer = protocol.framer;
    next.#codec = protocol.codec;
    return next;
  }

  /** Hands on the bytes of what was written, in order, and forgets them. */
  drain(): Uint8Array[] {
    return this.#output.drain();
  }

  /**
   * Says that all chunks drained so far are done with, as they are when a socket's write has copied them to
   * the system: what is written from now on may lie in their memory. Without it they never change.
   */
  recycle(): void {
    this.#output.recycle();
  }
}
