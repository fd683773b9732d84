import type { ByteQueue } from "./bytes/byte_queue.ts";
import { NOTHING } from "./bytes/nothing.ts";
import { FramingError } from "./errors.ts";
import { malformed, truncationError } from "./framing_failure.ts";

/**
 * A frame that is read in parts as its bytes arrive, so that it may be longer than memory. What is not read is
 * discarded when the next frame is read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lengthPrefixed, uint8 } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder(lengthPrefixed(uint8));
 * decoder.push(Uint8Array.of(3, 10, 11));
 * const frame = decoder.open()!;
 * assert.equal(frame.length, 3);
 * assert.deepEqual(frame.read(), Uint8Array.of(10, 11));
 * assert.equal(frame.read(), undefined); // not yet
 * decoder.push(Uint8Array.of(12));
 * assert.deepEqual(frame.read(), Uint8Array.of(12));
 * assert.equal(frame.done, true);
 * ```
 */
export interface OpenFrame {
  /** The bytes before the frame. */
  readonly header: Uint8Array;
  /** Length of the frame in bytes. */
  readonly length: number;
  /** Position of the frame in the stream, header included. */
  readonly offset: number;
  /** Length in bytes, header and trailer included. */
  readonly expectedLength: number;
  /** Number of bytes that have arrived, header and trailer included. */
  readonly received: number;
  /** Whether the frame has been read or discarded to its end, trailer included. */
  readonly done: boolean;

  /**
   * Reads bytes that have arrived.
   *
   * @returns At least one byte, or none at the end of the frame; `undefined` if too little has arrived.
   * @throws {TruncatedFrameError} The stream has ended inside the frame. `partial` is empty.
   * @throws {MalformedFrameError} The trailer after the frame is missing.
   * @throws {TypeError} The next frame has been asked for.
   */
  read(): Uint8Array | undefined;
}

/** The stream that a frame is read from. */
export interface FrameHost {
  readonly queue: ByteQueue;
  /** Whether no more bytes will come. */
  readonly ended: boolean;
  /** The error that ended framing. */
  readonly failure: { readonly error: unknown } | undefined;
  /** Fails permanently. */
  fail(error: unknown): never;
  /** Begins the next frame. */
  begin(): void;
}

/** Takes the frame that its framer has just measured off a queue, in parts. */
export class FrameParts implements OpenFrame {
  readonly header: Uint8Array;
  readonly length: number;
  readonly offset: number;
  readonly expectedLength: number;
  done = false;
  readonly #host: FrameHost;
  /** Number of bytes of the frame that have not been taken. */
  #left: number;
  #discarded = false;

  constructor(host: FrameHost, length: number) {
    const { queue } = host;
    this.#host = host;
    this.#left = this.length = length;
    this.offset = queue.frameOffset;
    this.expectedLength = queue.extent(length);
    this.header = queue.takeHeader();
  }

  get received(): number {
    const { queue } = this.#host;
    const { expectedLength } = this;
    const received = queue.frameOffset + queue.pending - this.offset;
    return this.done || received > expectedLength ? expectedLength : received;
  }

  read(): Uint8Array | undefined {
    if (this.#discarded) throw new TypeError("Cannot read body: the next message was asked for");
    if (this.#take() > 0) return this.#host.queue.keep();
    return this.done ? NOTHING : undefined;
  }

  /** Discards what has arrived. Returns whether the frame has come to its end. */
  discard(): boolean {
    this.#discarded = true;
    while (this.#take() > 0);
    return this.done;
  }

  /** A frame without a trailer ends with its last byte. */
  closeIfComplete(): void {
    if (this.#left === 0 && this.#host.queue.extent(0) === 0) this.#close();
  }

  /** Takes bytes that are in one piece; at the end of the frame, its trailer. Returns the number of the bytes. */
  #take(): number {
    const { queue, failure, ended } = this.#host;
    if (this.done) return 0;
    const { offset } = this;
    const count = queue.takePart(this.#left);
    if (count > 0) {
      this.#left -= count;
      this.closeIfComplete();
      return count;
    }
    if (failure !== undefined) throw failure.error;
    if (this.#left === 0) {
      if (queue.pass(0) >= 0) {
        this.#close();
        return 0;
      }
      if (queue.pending >= queue.extent(0)) {
        const error = new FramingError("its trailer is missing");
        this.#host.fail(malformed(error, offset));
      }
    }
    if (ended) {
      const position = { frameOffset: offset, pending: this.received };
      this.#host.fail(truncationError(position, NOTHING, this.expectedLength));
    }
    queue.trim();
    return 0;
  }

  #close(): void {
    this.done = true;
    this.#host.begin();
  }
}
