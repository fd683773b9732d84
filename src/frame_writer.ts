import { byteCount } from "./bytes/byte_count.ts";
import { isBytes } from "./bytes/is_bytes.ts";
import type { WriteQueue } from "./bytes/write_queue.ts";
import type { Codec } from "./codecs/codec.ts";
import type { Framer } from "./framers/framer.ts";
import { frameLimit, protocolOf, type ProtocolParts } from "./protocol.ts";

/**
 * Writes messages as frames to a queue that belongs to a {@link FrameEncoder} or to the sending half of a
 * connection, which recycles the queue's memory once it has been sent.
 *
 * @typeParam Out A sent message.
 */
export class FrameWriter<Out = Uint8Array> {
  readonly #output: WriteQueue;
  #framer!: Framer;
  #codec: Codec<Uint8Array, unknown, Out> | undefined;
  #limit!: number;

  /** @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`. */
  constructor(protocol: Framer | ProtocolParts<unknown, Out>, output: WriteQueue) {
    this.#output = output;
    this.switchTo(protocol);
  }

  /** Writes a message, all of it or nothing. */
  write(message: Out): void {
    const frame = this.#codec === undefined ? message as Uint8Array : this.#codec.encode(message);
    if (!isBytes(frame)) {
      throw new TypeError("Cannot write message: expected a Uint8Array as its frame");
    }
    if (frame.length > this.#limit) {
      throw new RangeError(
        `Cannot write frame of ${byteCount(frame.length)}: limit is ${this.#limit}`,
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

  /** Continues with another protocol from the next message on. */
  switchTo(protocol: Framer | ProtocolParts<unknown, Out>): void {
    const { framer, codec, maxFrameLength } = protocolOf(protocol);
    this.#limit = frameLimit({ maxFrameLength });
    this.#framer = framer;
    this.#codec = codec;
  }
}
