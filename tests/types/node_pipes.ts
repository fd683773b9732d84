// Node's streams in pipeThrough, without the DOM types.
// Compiled against the package by scripts/test_npm.ts, but never run.

import { Readable } from "node:stream";
import type * as web from "node:stream/web";
import { FrameDecoderStream, FrameEncoderStream, lines, text } from "../../mod.ts";

const protocol = { framer: lines(), codec: text() };

export async function pipes(
  readable: Readable,
  stream: web.ReadableStream<Uint8Array>,
  sink: web.WritableStream<Uint8Array>,
): Promise<void> {
  Readable.toWeb(readable).pipeThrough(new FrameDecoderStream(protocol));
  const messages: web.ReadableStream<string> = stream.pipeThrough(new FrameDecoderStream(protocol));
  await messages.pipeThrough(new FrameEncoderStream(protocol)).pipeTo(sink);
}
