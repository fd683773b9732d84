import { Deferred } from "../async/deferred.ts";
import { ignoreFailure } from "../async/pending_calls.ts";
import { byteCount } from "../bytes/byte_count.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { WriteQueue } from "../bytes/write_queue.ts";
import type { Announcement } from "../frame_writer.ts";
import type { Backlog, Section } from "./backlog.ts";
import type { SenderEvents } from "./sender_events.ts";
import { type ByteSource, type ChunkSource, chunkSource } from "./byte_source.ts";

/** The sender of a streamed frame. */
export interface StreamHost {
  readonly backlog: Backlog;
  /** Number of pending bytes from which on nothing is read from the source. */
  readonly highWaterMark: number;
  readonly events: SenderEvents;
  /** Called when bytes have been added, or the frame is complete. */
  added(bytes: WriteQueue): void;
}

/** What to send. */
export interface StreamedSendOptions {
  /** Length of the frame in bytes, and its maximum. */
  readonly length: number;
  readonly limit: number;
  /** Its bytes. */
  readonly source: ByteSource;
  readonly signal: AbortSignal | undefined;
}

/**
 * A frame whose bytes are read from a source as the system accepts them.
 *
 * ```text
 *   waiting ─ first section ─▶ header ─▶ read ─▶ add ─┬─ end ─▶ last bytes, trailer ─▶ complete
 *      │                                  ▲           │
 *      └─ aborted: complete               └── room ───┘
 * ```
 *
 * The last bytes are added when the source has ended: the peer never takes a frame of a wrong length for complete.
 */
export class StreamedSend implements Section {
  readonly queue: WriteQueue = new WriteQueue();
  complete = false;
  readonly #host: StreamHost;
  readonly #announcement: Announcement;
  readonly #source: ChunkSource;
  readonly #length: number;
  readonly #signal: AbortSignal | undefined;
  readonly #sent: Deferred = new Deferred();
  #begun = false;
  #reading = false;
  /** Number of bytes that have not been read. */
  #left: number;
  /** The last bytes, until the source has ended. */
  #last: Uint8Array = NOTHING;

  /** @throws {TypeError} The source is neither a stream nor an iterable, or is locked. */
  constructor(host: StreamHost, announcement: Announcement, options: StreamedSendOptions) {
    const { length, source, signal } = options;
    this.#host = host;
    this.#announcement = announcement;
    this.#source = chunkSource(source);
    this.#length = this.#left = length;
    this.#signal = signal;
    host.backlog.announced += this.#unsent;
    signal?.addEventListener("abort", this.#onAbort);
  }

  /** Resolves when the last byte has been added. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  proceed(pending: number): void {
    if (!this.#begun && !this.complete) {
      this.#begun = true;
      this.#add(this.#announcement.header);
      this.#host.added(this.queue);
    }
    if (this.#reading || this.complete || pending >= this.#host.highWaterMark) return;
    this.#reading = true;
    this.#source.read().then(this.#onRead, this.#stop);
  }

  fail(error: unknown): void {
    if (!this.#end()) return;
    ignoreFailure(() => this.#source.cancel(error));
    this.#sent.reject(error);
  }

  /** Number of bytes that have been announced and not added. */
  get #unsent(): number {
    const { header, trailer } = this.#announcement;
    return (this.#begun ? 0 : header.length) + this.#left + this.#last.length + trailer.length;
  }

  readonly #onRead = (chunk: Uint8Array | undefined): void => {
    this.#reading = false;
    if (this.complete) return;
    const length = this.#length;
    const left = this.#left;
    if (chunk === undefined) {
      if (left > 0) {
        return this.#stop(
          new RangeError(
            `Cannot send stream: it ended after ${length - left} of ${byteCount(length)}`,
          ),
        );
      }
      this.#add(this.#last);
      this.#add(this.#announcement.trailer);
      this.#end();
      this.#sent.resolve();
    } else if (chunk.length > left) {
      return this.#stop(
        new RangeError(`Cannot send stream: it has more than ${byteCount(length)}`),
      );
    } else if (chunk.length > 0) {
      this.#left -= chunk.length;
      if (this.#left === 0) this.#last = chunk;
      else this.#add(chunk);
    }
    this.#host.added(this.queue);
  };

  readonly #onAbort = (): void => this.#stop(this.#signal!.reason);

  /** Stops sending. A frame that has been begun cannot be completed, nor taken back. */
  readonly #stop = (error: unknown): void => {
    if (this.complete) return;
    if (!this.#begun) this.#host.backlog.announced -= this.#unsent;
    this.fail(error);
    if (this.#begun) this.#host.events.abort(error);
  };

  #add(bytes: Uint8Array): void {
    this.queue.write(bytes);
    this.#host.backlog.announced -= bytes.length;
  }

  /** Returns whether this is the first end. */
  #end(): boolean {
    const first = !this.complete;
    this.complete = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return first;
  }
}
