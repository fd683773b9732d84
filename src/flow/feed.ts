import type { ReadResult, Source } from "./source.ts";

/** Receives the events of a {@link Feed}. */
export interface FeedEvents {
  /** Bytes have been added to the decoder, or the source has ended. */
  arrived(ended: boolean): void;
  /** The source has failed. */
  failed(error: unknown): void;
}

/** Feeds a decoder from its source, one read at a time. */
export class Feed {
  readonly #source: Source;
  readonly #events: FeedEvents;
  /** Whether a read is in progress. */
  reading = false;
  /** Whether the source has ended or failed. */
  #exhausted = false;
  /** Resolves the promise of `discard`. */
  #discarded: (() => void) | undefined = undefined;

  constructor(source: Source, events: FeedEvents) {
    this.#source = source;
    this.#events = events;
  }

  /** Reads once, unless a read is in progress. */
  read(): void {
    if (this.reading) return;
    this.reading = true;
    this.#source.read().then(this.#arrived, this.#failed);
  }

  /** Reads to the end of the stream, or as far as possible. The source discards the bytes. */
  discard(): Promise<void> {
    if (this.#exhausted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#discarded = resolve;
      this.read();
    });
  }

  readonly #arrived = (bytes: ReadResult): void => {
    this.reading = false;
    try {
      this.#exhausted = !this.#source.add(bytes);
    } catch (error) {
      return this.#failed(error);
    }
    this.#events.arrived(this.#exhausted);
    if (this.#discarded !== undefined) this.#discardMore(this.#discarded);
  };

  readonly #failed = (error: unknown): void => {
    this.reading = false;
    this.#exhausted = true;
    this.#events.failed(error);
    this.#discarded?.();
  };

  #discardMore(discarded: () => void): void {
    if (this.#exhausted) discarded();
    else this.read();
  }
}
