import { FrameDecoder } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import type { InvalidFrameHandler, ProtocolParts } from "../protocol.ts";
import { chunkSource, DecoderFill } from "../flow/byte_source.ts";
import { Receiver } from "../flow/receiver.ts";

/**
 * Decodes bytes into messages, for `pipeThrough`: a {@link FrameDecoder} as a stream.
 *
 * It is not a `TransformStream`, since one that fails drops the messages before the error.
 *
 * @typeParam Message A decoded message; the frame's bytes if the protocol has no codec.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoderStream, lines, text } from "@framewright/framewright";
 *
 * const names = new Response("Ada\nGrace\n").body!
 *   .pipeThrough(new FrameDecoderStream({ framer: lines(), codec: text() }));
 * assert.deepEqual(await Array.fromAsync(names), ["Ada", "Grace"]);
 * ```
 */
export class FrameDecoderStream<Message = Uint8Array> {
  /** The messages. Fails with the decoder's error, after the messages before it. */
  readonly readable: ReadableStream<Message>;
  /** Accepts chunks as they arrive. Their bytes must not change afterwards. */
  readonly writable: WritableStream<Uint8Array>;

  /**
   * Creates the two streams.
   *
   * @param protocol A protocol, or a framer alone.
   * @param onInvalid Called with errors that leave the frame boundary known; reading continues then.
   * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
   */
  constructor(protocol: Framer | ProtocolParts<Message, never>, onInvalid?: InvalidFrameHandler) {
    const bytes = new TransformStream<Uint8Array, Uint8Array>();
    const chunks = chunkSource(bytes.readable);
    const decoder = new FrameDecoder<Message>(protocol, onInvalid);
    const receiver = new Receiver(decoder, new DecoderFill(decoder, chunks));
    this.writable = bytes.writable;
    this.readable = new ReadableStream<Message>({
      async pull(controller) {
        try {
          const messages = await receiver.batch();
          if (messages === undefined) return controller.close();
          for (const message of messages) controller.enqueue(message);
        } catch (error) {
          chunks.cancel(error).catch(() => {});
          throw error;
        }
      },
      cancel: (reason) => chunks.cancel(reason).catch(() => {}),
    }, { highWaterMark: 0 });
  }
}
