import { FrameEncoder } from "../frame_encoder.ts";
import type { Framer } from "../framers/framer.ts";
import type { ProtocolParts } from "../protocol.ts";

/**
 * Encodes messages into bytes, for `pipeThrough`: a {@link FrameEncoder} as a stream.
 *
 * @typeParam Out A sent message; the frame's bytes if the protocol has no codec.
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
export class FrameEncoderStream<Out = Uint8Array> {
  /** The bytes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Accepts messages. Fails with the error of a message that cannot be framed. */
  readonly writable: WritableStream<Out>;

  /**
   * Creates the two streams.
   *
   * @param protocol A protocol, or a framer alone.
   * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
   */
  constructor(protocol: Framer | ProtocolParts<unknown, Out>) {
    const encoder = new FrameEncoder(protocol);
    const { readable, writable } = new TransformStream<Out, Uint8Array>({
      transform(message, controller) {
        encoder.write(message);
        for (const chunk of encoder.drain()) controller.enqueue(chunk);
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}
