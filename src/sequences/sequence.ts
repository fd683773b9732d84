import { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { Codec } from "../codecs/codec.ts";
import type { DirectCodec } from "../codecs/direct_codec.ts";
import { writing } from "../codecs/writing.ts";
import type { SequenceFramer } from "../framers/sequence_framer.ts";
import type { InvalidFrameHandler, ProtocolParts } from "../protocol.ts";
import { MessageReader } from "./message_reader.ts";
import { FramePart, type Part, type PartFramer } from "./part.ts";

/** How the messages of a {@link sequence} are read and written. */
export interface SequenceOptions<In, Out = In> {
  /** Reads one message: a generator that requests one frame after another by `yield* part(framer)`. */
  readonly read: () => Generator<Part, In, unknown>;
  /** Writes one message; default: messages cannot be sent. */
  readonly write?: (message: Out, output: ByteWriter) => void;
  /** Maximum length of a message in bytes, all of its frames included; default 1,048,576. */
  readonly maxFrameLength?: number;
  /** Called with the error of each message that cannot be decoded; default: the error is thrown. */
  readonly onInvalid?: InvalidFrameHandler;
}

/** A protocol whose messages consist of several frames. */
export interface SequenceProtocol<In, Out = In> extends Omit<ProtocolParts<In, Out>, "sending"> {
  /** Converts the bytes of whole messages, and messages to them. */
  readonly codec: Codec<Uint8Array, In, Out>;
}

/**
 * A protocol whose messages consist of several frames. `read` is straight-line code that requests one
 * {@link part} after another, in the order of the wire; the next one may depend on the last one. A part may be
 * another sequence, or the same one.
 *
 * ```text
 *   message  ┌──────┬───────────┬──────┐
 *            │ line │ n bytes   │ line │     IMAP: a line that ends with {n} announces n bytes
 *            └──────┴───────────┴──────┘
 * ```
 *
 * The generator starts when the first byte of a message arrives. `maxFrameLength` bounds the whole message,
 * counts all of its bytes, and applies as soon as a length is announced. A stream that ends inside a message is
 * truncated, unless the last part may end with the stream.
 *
 * An error that the generator throws is fatal, except for a {@link CodecError}, which ends this message: the next
 * one begins after the last part. A {@link MalformedFrameError} gets the offset of the message.
 *
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
 * @throws {TypeError} `read` is not a function.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decimalUntil, FrameDecoder, FrameEncoder, part, sequence } from "@framewright/framewright";
 *
 * const size = decimalUntil("\n");
 * const blob = sequence({
 *   *read() {
 *     return yield* part(yield* part(size));
 *   },
 *   write(bytes: Uint8Array, output) {
 *     size.write(bytes.length, output);
 *     output.write(bytes);
 *   },
 * });
 * const encoder = new FrameEncoder(blob);
 * encoder.write(Uint8Array.of(1, 10));
 * const decoder = new FrameDecoder(blob);
 * for (const chunk of encoder.drain()) decoder.push(chunk);
 * assert.deepEqual(decoder.read(), Uint8Array.of(1, 10));
 * ```
 */
export function sequence<In, Out = In>(
  options: SequenceOptions<In, Out>,
): SequenceProtocol<In, Out> {
  const { read, write, ...rest } = options;
  if (typeof read !== "function") throw new TypeError("Invalid read: expected a function");

  /** Returns the reader of a stream, which is kept in its queue. */
  function readerOf(queue: ByteQueue): MessageReader {
    const reader = queue.sequence as MessageReader | undefined;
    if (reader?.whole === whole) return reader;
    const next = new MessageReader(whole);
    queue.sequence = next;
    return next;
  }

  const codec: DirectCodec<Uint8Array, In, Out> = {
    get framer() {
      return framer;
    },
    decodeFrom(taken) {
      const reader = readerOf(taken as ByteQueue);
      // Another framer may have found the frame.
      return reader.complete ? reader.take() as In & ({} | null) : codec.decode(taken.keep());
    },
    decode(message) {
      const queue = new ByteQueue();
      queue.push(message);
      let length = framer.measure(queue);
      if (length === undefined) {
        queue.finish();
        queue.rewind();
        length = framer.measure(queue);
      }
      const reader = readerOf(queue);
      if (length === message.length && reader.complete) return reader.take() as In & ({} | null);
      throw new TypeError("Cannot decode message: expected exactly one");
    },
    ...writing(write ?? refuseToWrite),
  };

  const framer: SequenceFramer & PartFramer = {
    sequence: true,
    read,
    codec,
    measure(input) {
      if (input instanceof ByteQueue && input.offset === input.frameOffset) {
        return readerOf(input).measure(input);
      }
      throw new TypeError("Cannot read sequence: another framer is around it");
    },
    write: (message, output) => output.write(message),
  };
  const whole = new FramePart(framer, codec);
  return { framer, codec, ...rest };
}

function refuseToWrite(): never {
  throw new TypeError("Cannot write message: the sequence has no write");
}
