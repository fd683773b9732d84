import { FramingError } from "../errors.ts";
import { type ByteSource, chunkSource, DecoderFill } from "../flow/byte_source.ts";
import type { MessageIterator } from "../flow/message_iterator.ts";
import { Receiver } from "../flow/receiver.ts";
import { DONE } from "../flow/takes.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import type { InvalidFrameHandler, ProtocolParts } from "../protocol.ts";

/**
 * Iterates over the messages in a stream of bytes. Leaving the loop cancels the stream.
 *
 * @param source A Web Stream, which is locked, an iterable of chunks, a `Response`, a `Request` or a `Blob`.
 * @param protocol A protocol, or a framer alone.
 * @param onInvalid Called with errors that leave the frame boundary known; reading continues then.
 * @throws {TypeError} The source is not one of these, the stream is locked, or the body has been used.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lines, readFrames, text } from "@framewright/framewright";
 *
 * const names: string[] = [];
 * const response = new Response("Ada\nGrace\n");
 * for await (const name of readFrames(response, { framer: lines(), codec: text() })) names.push(name);
 * assert.deepEqual(names, ["Ada", "Grace"]);
 * ```
 */
export function readFrames<Message = Uint8Array>(
  source: ByteSource,
  protocol: Framer | ProtocolParts<Message, never>,
  onInvalid?: InvalidFrameHandler,
): MessageIterator<Message> {
  const decoder = new FrameDecoder<Message>(protocol, onInvalid);
  const chunks = chunkSource(source);
  const fill = new DecoderFill(decoder, chunks);
  const receiver = new Receiver(decoder, {
    read: () => fill.read(),
    add: (chunk: Uint8Array | undefined) => fill.add(chunk),
    discard: () => fill.discard(),
    refused(error) {
      // After any other error the next message can be read.
      if (error instanceof FramingError) chunks.cancel(error).catch(() => {});
    },
  });
  const iterator: MessageIterator<Message> = {
    next: () => receiver.next(),
    async return() {
      receiver.stop();
      await chunks.cancel();
      return DONE;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
