import { CodecError } from "../errors.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import { type Protocol, protocolOf } from "../protocol.ts";
import { type ChunkReadable, chunkSource } from "./chunk_source.ts";
import { Inbound } from "./inbound.ts";
import { DONE, Yielded } from "./iterator_result.ts";

/**
 * Iterates over the messages in a stream of bytes. Leaving the loop cancels the stream.
 *
 * @param readable A Web Stream, which it locks, or any async iterable of chunks.
 * @param protocol A protocol, or a framer alone.
 * @throws {TypeError} The stream is locked already.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lines, readFrames, text } from "@framewright/framewright";
 *
 * const names: string[] = [];
 * const { body } = new Response("Ada\nGrace\n");
 * for await (const name of readFrames(body!, { framer: lines(), codec: text() })) names.push(name);
 * assert.deepEqual(names, ["Ada", "Grace"]);
 * ```
 */
export function readFrames<Message = Uint8Array>(
  readable: ChunkReadable,
  protocol: Framer | Protocol<Message>,
): AsyncIterableIterator<Message> {
  const source = chunkSource(readable);
  const decoder = new FrameDecoder(protocolOf(protocol));
  const inbound = new Inbound(decoder, source);
  const attempt = (): IteratorResult<Message, undefined> | undefined => {
    try {
      const value = decoder.read();
      return value === undefined ? undefined : new Yielded(value);
    } catch (error) {
      // Behind one bad message the next can be read; behind anything else nothing can.
      if (!(error instanceof CodecError)) source.cancel(error).catch(() => {});
      throw error;
    }
  };
  const iterator: AsyncIterableIterator<Message, undefined> = {
    next: () => inbound.when(attempt, DONE),
    async return() {
      inbound.stop();
      await source.cancel();
      return DONE;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
