// Streams that only the DOM types declare.
// Compiled against the package by scripts/test_npm.ts, but never run.

import { Connection, FrameDecoderStream, lines, readFrames, text } from "../../mod.ts";

const protocol = { framer: lines(), codec: text() };

export async function read(): Promise<void> {
  const response = await fetch("https://example.com");
  const { body } = response;
  readFrames(response, protocol);
  readFrames(new Request("https://example.com"), protocol);
  readFrames(new Blob(["text"]), protocol);
  readFrames(new File(["text"], "name"), protocol);
  readFrames(body!, protocol);
  readFrames(new Blob(["text"]).stream(), protocol);
  const messages: ReadableStream<string> = body!.pipeThrough(new FrameDecoderStream(protocol));
  messages.pipeThrough(new TextEncoderStream());
}

export function compressed(readable: ReadableStream<Uint8Array>): void {
  new Connection({ readable, writable: new CompressionStream("gzip").writable }, protocol);
}
