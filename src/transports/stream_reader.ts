/** The reader that only Workers have: it waits until so many bytes are there, or the end. */
interface WorkersReader {
  readonly closed: Promise<unknown>;
  read(buffer: Uint8Array, options: { readonly min: number }): Promise<{
    readonly done: boolean;
    readonly value?: Uint8Array<ArrayBuffer> | undefined;
  }>;
  cancel(reason: unknown): Promise<void>;
  releaseLock(): void;
}
type DefaultReader = ReadableStreamDefaultReader<Uint8Array>;

/** How much is read at a time: a fresh buffer of this size costs 15 to 30 µs, so one is kept. */
const BUFFER = 65_536;

/** A read of up to so many bytes is copied out of the buffer; a larger one takes the buffer along. */
const COPY_UP_TO = 16_384;

/** So much comes at a time from a socket of Workers that is asked for no more (workerd 20260730). */
const PIECE = 4_096;

/**
 * Reads a stream of bytes, which it locks. In Workers it lends the stream a buffer, and says how many
 * bytes are missing while they come fast. From a peer who is slow it takes what there is: who reads
 * may have a limit of time, or want something else meanwhile, and a read that waits for more than will
 * come cannot be given up.
 */
export class StreamReader {
  readonly #workers: WorkersReader | undefined;
  readonly #reader: WorkersReader | DefaultReader;
  #buffer: ArrayBuffer | undefined = undefined;
  /** The last read brought a whole piece, so there is probably more. */
  #fast = false;

  /** @throws {TypeError} The stream is locked already. */
  constructor(readable: ReadableStream<Uint8Array>) {
    this.#workers = workersReader(readable);
    this.#reader = this.#workers ?? readable.getReader();
    this.#reader.closed.catch(() => {});
  }

  /**
   * The next bytes; `undefined` at the end.
   *
   * @param atLeast May wait for so many, up to 64 KiB; at the end there may be fewer.
   */
  read(atLeast: number): Promise<Uint8Array | undefined> {
    return this.#workers === undefined
      ? readSome(this.#reader as DefaultReader)
      : this.#lend(this.#workers, this.#fast ? Math.min(Math.max(atLeast, 1), BUFFER) : 1);
  }

  /** Lets go of the stream and of what it still holds. */
  cancel(reason: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }

  /** Leaves the stream to somebody else. */
  releaseLock(): void {
    this.#reader.releaseLock();
  }

  async #lend(reader: WorkersReader, min: number): Promise<Uint8Array | undefined> {
    const buffer = this.#buffer ?? new ArrayBuffer(BUFFER);
    this.#buffer = undefined;
    const { done, value } = await reader.read(new Uint8Array(buffer), { min });
    // Fewer bytes than were asked for come before the end, not with it (workerd 20260730).
    if (done || value === undefined) return undefined;
    this.#fast = value.length >= PIECE;
    if (value.length > COPY_UP_TO) return value;
    // What was lent is gone; its bytes come back in another buffer.
    if (value.buffer.byteLength === BUFFER) this.#buffer = value.buffer;
    return value.slice();
  }
}

/** Streams that are no sockets may give chunks of nothing. */
async function readSome(reader: DefaultReader): Promise<Uint8Array | undefined> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    if (value.length > 0) return value;
  }
}

function workersReader(readable: ReadableStream<Uint8Array>): WorkersReader | undefined {
  const { ReadableStreamBYOBReader } = globalThis as {
    ReadableStreamBYOBReader?: { readonly prototype: object };
  };
  if (ReadableStreamBYOBReader === undefined) return undefined;
  if (!("readAtLeast" in ReadableStreamBYOBReader.prototype)) return undefined;
  try {
    return readable.getReader({ mode: "byob" }) as unknown as WorkersReader;
  } catch {
    // It is no stream of bytes, or it is locked, which the other reader tells too.
    return undefined;
  }
}
