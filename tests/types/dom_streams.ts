// Streams that only the DOM types declare.
// Compiled against the package by scripts/test_npm.ts, but never run.

import { Connection, FrameDecoderStream, lines, readFrames, text } from "../../mod.ts";

const protocol = { framer: lines(), codec: text() };

export async function read(): Promise<void> {
  const { body } = await fetch("https://example.com");
  readFrames(body!, protocol);
  readFrames(new Blob(["text"]).stream(), protocol);
  const messages: ReadableStream<string> = body!.pipeThrough(new FrameDecoderStream(protocol));
  messages.pipeThrough(new TextEncoderStream());
}

export function compressed(readable: ReadableStream<Uint8Array>): void {
  new Connection({ readable, writable: new CompressionStream("gzip").writable }, protocol);
}
