import { view } from "../../bytes/view.ts";
import { CONNECTION_LOST, connectionError } from "../connection_error.ts";

/** The members used of a `Readable` of `node:stream`. */
export interface Readable {
  read(): Uint8Array | null;
  on(event: "readable" | "end" | "close", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  destroy(): this;
  // Files have neither, nor do the streams of Bun 1.4 in part.
  ref?(): unknown;
  unref?(): unknown;
}

/**
 * Reads a Node stream on demand. The stream is never in flowing mode: Node resumes the streams of a child
 * process that has exited, and would buffer all that a grandchild writes.
 */
export class PipeReader {
  readonly #readable: Readable;
  #end: { readonly error?: unknown } | undefined = undefined;
  #wake: () => void = () => {};

  constructor(readable: Readable) {
    this.#readable = readable;
    readable.on("readable", () => this.#wake());
    readable.on("end", () => this.end());
    const fail = (cause: unknown) => this.end({ error: connectionError("Cannot receive", cause) });
    readable.on("error", fail);
    readable.on("close", () => fail(CONNECTION_LOST));
  }

  /** Returns the next bytes; `undefined` at the end. */
  async read(): Promise<Uint8Array | undefined> {
    while (this.#end === undefined) {
      const chunk = this.#readable.read();
      if (chunk !== null) return view(chunk, 0, chunk.length);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if ("error" in this.#end) throw this.#end.error;
    return undefined;
  }

  /** Ends reading, the first time: with an error if there is one. */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end ??= end;
    this.#wake();
  }

  /** Ends reading, and discards what arrives. */
  discard(): void {
    if (this.#end !== undefined) return;
    this.end();
    const readable = this.#readable;
    const discard = () => {
      while (readable.read() !== null);
    };
    readable.on("readable", discard);
    discard();
  }
}
