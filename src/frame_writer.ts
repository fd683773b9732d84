import { byteCount } from "./bytes/byte_count.ts";
import { concat } from "./bytes/concat.ts";
import { isBytes } from "./bytes/is_bytes.ts";
import { isLength } from "./bytes/is_length.ts";
import { NOTHING } from "./bytes/nothing.ts";
import { WriteQueue } from "./bytes/write_queue.ts";
import type { DirectCodec } from "./codecs/direct_codec.ts";
import type { Framer } from "./framers/framer.ts";
import { frameLimit, protocolOf, type ProtocolParts } from "./protocol.ts";

/** What surrounds a frame that is written in parts. */
export interface Announcement {
  /** The bytes before the frame. */
  readonly header: Uint8Array;
  /** The bytes after it. */
  readonly trailer: Uint8Array;
}

/**
 * Writes messages as frames to a queue that belongs to a {@link FrameEncoder} or to the sending half of a
 * connection, which recycles the queue's memory once it has been sent.
 *
 * @typeParam Out A sent message.
 */
export class FrameWriter<Out = Uint8Array> {
  readonly #output: WriteQueue;
  #framer!: Framer;
  #codec: DirectCodec<Uint8Array, unknown, Out> | undefined;
  #encodeTo: DirectCodec<Uint8Array, unknown, Out>["encodeTo"];
  #limit!: number;

  /** @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`. */
  constructor(protocol: Framer | ProtocolParts<unknown, Out>, output: WriteQueue) {
    this.#output = output;
    this.switchTo(protocol);
  }

  /** Writes a message, all of it or nothing. */
  write(message: Out): void {
    const output = this.#output;
    const { length } = output;
    try {
      if (this.#encodeTo === undefined) return this.#writeFrame(message);
      this.#encodeTo(message, output);
      this.#limitTo(output.length - length);
    } catch (error) {
      output.truncate(length);
      throw error;
    }
  }

  #writeFrame(message: Out): void {
    const frame = this.#codec === undefined ? message as Uint8Array : this.#codec.encode(message);
    if (!isBytes(frame)) {
      throw new TypeError("Cannot write message: expected a Uint8Array as its frame");
    }
    this.#limitTo(frame.length);
    this.#framer.write(frame, this.#output);
  }

  #limitTo(length: number, limit = this.#limit): void {
    if (length <= limit) return;
    throw new RangeError(`Cannot write frame of ${byteCount(length)}: limit is ${limit}`);
  }

  /**
   * Returns what surrounds a frame of at most `limit` bytes that is written in parts.
   *
   * @throws {RangeError} The length is invalid, or does not fit.
   * @throws {TypeError} The framing cannot write a frame without looking at it.
   */
  announce(length: number, limit: number): Announcement {
    if (!isLength(length)) {
      throw new RangeError(`Invalid length ${length}: expected a non-negative integer`);
    }
    if (this.#framer.announce === undefined) {
      throw new TypeError("Cannot send stream: the framing does not announce lengths");
    }
    this.#limitTo(length, limit);
    const output = new WriteQueue();
    const trailer = this.#framer.announce(length, output) ?? NOTHING;
    return { header: concat(output.drain()), trailer };
  }

  /** Continues with another protocol from the next message on. */
  switchTo(protocol: Framer | ProtocolParts<unknown, Out>): void {
    const given = protocolOf(protocol);
    const { framer, codec, maxFrameLength } = given.sending ?? given;
    this.#limit = frameLimit({ maxFrameLength });
    this.#framer = framer;
    const direct: DirectCodec<Uint8Array, unknown, Out> | undefined = this.#codec = codec;
    this.#encodeTo = (direct?.framer ?? framer) === framer ? direct?.encodeTo : undefined;
  }
}
