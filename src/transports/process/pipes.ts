import type { Readable, Writable } from "../node/stream_ends.ts";
import { StreamsTransport } from "../node/streams_transport.ts";

/** A transport over the standard streams of a process. */
export class Pipes extends StreamsTransport {
  constructor(input: Readable, output: Writable) {
    super(input, output);
    holdBack(input);
  }

  /** Never rejects: every byte has been accepted, and a reader that is gone needs no end. */
  override async closeWrite(): Promise<void> {
    await super.closeWrite().catch(() => {});
  }
}

/**
 * Keeps a stream from flowing: once a child process has exited, its streams would discard what nobody reads, and
 * pausing one would not stop it, so that all that a grandchild writes would be buffered (Deno 2.9, Bun 1.4,
 * Node 26).
 */
export function holdBack(readable: Readable): void {
  readable.on("readable", () => {});
}
