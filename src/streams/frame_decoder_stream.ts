import { FrameDecoder } from "../frame_decoder.ts";
import type { Protocol } from "../protocol.ts";
import { chunkSource } from "./chunk_source.ts";
import { Inbound } from "./inbound.ts";
import { messageStream } from "./message_stream.ts";

/**
 * Makes messages of bytes, for `pipeThrough`: what {@link FrameDecoder} does, as a stream.
 *
 * It is no `TransformStream`, since one that fails lets go of the messages in front of the error.
 *
 * @typeParam Message What a frame means; its bytes where the protocol has no codec.
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
  /** The messages. Fails with the error of the decoder, after the messages before it. */
  readonly readable: ReadableStream<Message>;
  /** Takes chunks as they arrived; their bytes must not change from here on. */
  readonly writable: WritableStream<Uint8Array>;

  /**
   * Makes the two streams.
   *
   * @throws {RangeError} `maxFrameLength` is neither an integer from 0 nor `Infinity`.
   */
  constructor(protocol: Protocol<Message>) {
    const bytes = new TransformStream<Uint8Array, Uint8Array>();
    const source = chunkSource(bytes.readable);
    const inbound = new Inbound(new FrameDecoder(protocol), source);
    this.writable = bytes.writable;
    this.readable = messageStream(inbound, (reason) => source.cancel(reason).catch(() => {}));
  }
}
