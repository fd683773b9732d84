import { ignoreFailure } from "../async/pending_calls.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { FrameVisitor } from "../frame_visitor.ts";
import type { Source } from "./source.ts";
import type { Decoding, Take } from "./takes.ts";

/**
 * The messages that can still be taken from a decoder, and the end or the error after them:
 *
 * ```text
 *   open ──┬─▶ ended: the buffered messages, then the end
 *          ├─▶ failed: the buffered messages, then the error
 *          └─▶ stopped: the end or the error at once
 * ```
 */
export class Supply<Message> {
  state: "open" | "ended" | "failed" | "stopped" = "open";
  /** Whether a call is taking something: its callbacks may switch protocols or detach. */
  taking = false;
  readonly #decoder: FrameDecoder<Message>;
  readonly #decoding: Decoding<Message>;
  readonly #source: Source;
  /** The error to report, and whether it has been reported. */
  #failure: { error: unknown; reported: boolean } | undefined = undefined;
  #visiting = false;
  /** Position in the stream from which on no message is received. */
  #boundary = Infinity;

  constructor(decoder: FrameDecoder<Message>, decoding: Decoding<Message>, source: Source) {
    this.#decoder = decoder;
    this.#decoding = decoding;
    this.#source = source;
  }

  /** Whether there are no more messages once nothing can be taken. */
  get over(): boolean {
    return this.state !== "open" || !this.#within;
  }

  /**
   * Calls `take`. Returns `undefined` if nothing can be taken: not yet, or never if the supply is over.
   *
   * @throws The decoder's error; or the failure, once nothing can be taken before it.
   */
  take<Result>(take: Take<Message, Result>): Result | undefined {
    let taken: Result | undefined;
    if (this.state !== "stopped" && (this.#within || this.#decoder.failed)) {
      this.taking = true;
      try {
        taken = take(this.#decoding);
      } catch (error) {
        this.taking = false;
        if (this.#decoder.failed) this.#source.refused?.(error);
        throw error;
      }
      this.taking = false;
    }
    if (taken === undefined && this.#failure !== undefined) throw this.#report(this.#failure);
    return taken;
  }

  /** Returns a take that visits all buffered frames, and takes nothing. */
  visit(visitor: FrameVisitor): Take<unknown, never> {
    return (decoding) => {
      this.#visiting = true;
      try {
        decoding.visit(visitor);
      } finally {
        this.#visiting = false;
      }
      return undefined;
    };
  }

  /** Ends after the buffered messages. */
  end(): void {
    this.state = "ended";
    this.#decoder.end();
  }

  /** Ends after the messages whose first bytes have arrived. */
  endHere(): void {
    const { offset, buffered, opened } = this.#decoder;
    const end = opened === undefined ? 0 : opened.offset + opened.expectedLength;
    this.#boundary = Math.max(offset + buffered, end);
  }

  /** Fails after the buffered messages. */
  fail(error: unknown): void {
    this.state = "failed";
    this.#failure ??= { error, reported: false };
  }

  /** Stops at once, with an error or with the end. */
  stop(error?: unknown): void {
    this.state = "stopped";
    this.#source.discard();
    // A visitor that has stopped its connection is not called again.
    if (this.#visiting) ignoreFailure(() => this.#decoder.detach());
    if (error !== undefined) this.#failure ??= { error, reported: true };
  }

  /** Whether the next message begins before the boundary, which few connections have. */
  get #within(): boolean {
    return this.#boundary === Infinity || this.#decoder.offset < this.#boundary;
  }

  #report(failure: { error: unknown; reported: boolean }): unknown {
    if (!failure.reported) {
      failure.reported = true;
      failure.error = this.#source.afterMessages?.(failure.error) ?? failure.error;
    }
    return failure.error;
  }
}
