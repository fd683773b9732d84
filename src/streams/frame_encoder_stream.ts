import { FrameEncoder } from "../frame_encoder.ts";
import type { ProtocolParts } from "../protocol.ts";

/**
 * Makes bytes of messages, for `pipeThrough`: what {@link FrameEncoder} does, as a stream.
 *
 * @typeParam Message What a frame means; its bytes where the protocol has no codec.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameEncoderStream, lines, text } from "@framewright/framewright";
 *
 * const names = new ReadableStream<string>({
 *   start(controller) {
 *     for (const name of ["Ada", "Grace"]) controller.enqueue(name);
 *     controller.close();
 *   },
 * });
 * const bytes = names.pipeThrough(new FrameEncoderStream({ framer: lines(), codec: text() }));
 * assert.equal(await new Response(bytes).text(), "Ada\nGrace\n");
 * ```
 */
export class FrameEncoderStream<Message = Uint8Array> {
  /** The bytes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes messages. Fails with the error of a message that cannot be framed. */
  readonly writable: WritableStream<Message>;

  /**
   * Makes the two streams.
   *
   * @throws {RangeError} `maxFrameLength` is neither an integer from 0 nor `Infinity`.
   */
  constructor(protocol: ProtocolParts<Message>) {
    const encoder = new FrameEncoder(protocol);
    const { readable, writable } = new TransformStream<Message, Uint8Array>({
      transform(message, controller) {
        encoder.write(message);
        for (const chunk of encoder.drain()) controller.enqueue(chunk);
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}
