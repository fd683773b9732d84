import { afterTurn } from "../async/after_turn.ts";
import type { FrameDecoder, FrameVisitor } from "../frame_decoder.ts";
import type { ProtocolParts } from "../protocol.ts";
import { Pace } from "./pace.ts";
import type { ReadResult, Source } from "./source.ts";
import { Supply } from "./supply.ts";
import { type Decoding, DONE, type Take, takeAll, takeNext, takeOne } from "./takes.ts";
import { Waiter, Waiters } from "./waiters.ts";

/**
 * The receiving half of every receiving API. It reads only while a call is pending, so that a slow reader
 * stops the peer. Calls are served in order, and each takes no more from the decoder than it asked for.
 * Bytes that arrive for an aborted call remain for the next one.
 *
 * ```text
 *                ┌──────────── not yet ───────────┐
 *                ▼                                │
 *   call ─▶ take from the supply ─▶ wait ─▶ fill ─┴─▶ message, end or error
 * ```
 */
export class Receiver<Message> {
  readonly #decoder: FrameDecoder<Message>;
  readonly #supply: Supply<Message>;
  readonly #source: Source;
  readonly #waiters: Waiters = new Waiters();
  readonly #pace: Pace;
  #filling = false;
  /** Whether the source has ended or failed. */
  #exhausted = false;
  /** Resolves the promise of `discard`. */
  #discarded: (() => void) | undefined = undefined;
  #closingRead = false;

  /**
   * @param decoder Decodes the bytes into messages.
   * @param decoding Replaces the decoder when messages are taken; default: the decoder.
   */
  constructor(
    decoder: FrameDecoder<Message>,
    source: Source,
    decoding: Decoding<Message> = decoder,
  ) {
    this.#decoder = decoder;
    this.#supply = new Supply(decoder, decoding, source);
    this.#source = source;
    this.#pace = new Pace(source.yieldAfter, () => this.#serve());
  }

  /** Whether a call is pending, or a read that a call has started. */
  get reading(): boolean {
    return this.#filling || this.waiting || this.#supply.taking;
  }

  /** Whether a call is pending. */
  get waiting(): boolean {
    return this.#waiters.first !== undefined;
  }

  /** Returns the next message; `undefined` at the end. */
  receive(signal?: AbortSignal): Promise<Message | undefined> {
    return this.when(takeOne, undefined, signal);
  }

  /** Returns the next message as an iterator result. */
  next(): Promise<IteratorResult<Message, undefined>> {
    return this.when(takeNext, DONE);
  }

  /** Returns all complete messages, at least one; `undefined` at the end. */
  batch(): Promise<Message[] | undefined> {
    return this.when(takeAll, undefined);
  }

  /** Calls `visitor` for each frame up to the end. */
  async visit(visitor: FrameVisitor): Promise<void> {
    const visiting = this.#when(this.#supply.visit(visitor), undefined, true);
    await (visiting instanceof Waiter ? visiting.promise : visiting);
  }

  /** Repeats `take` until it returns a result; returns `end` at the end of the stream. */
  when<Result, End>(
    take: Take<Message, Result>,
    end: End,
    signal?: AbortSignal,
  ): Promise<Result | End> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const result = this.#when(take, end);
    if (!(result instanceof Waiter)) return result;
    if (signal !== undefined) this.#waiters.removeOnAbort(result, signal);
    return result.promise as Promise<Result | End>;
  }

  /** Switches to another protocol after the pending calls, or after those before a pending visit. */
  switchTo(protocol: ProtocolParts<unknown>): void {
    const change = () => {
      this.#decoder.switchTo(protocol);
      return true;
    };
    const { visit } = this.#waiters;
    if (this.#supply.taking || !this.waiting || visit === this.#waiters.first) return void change();
    const turn = new Waiter(change, undefined);
    turn.promise.catch(() => {});
    this.#waiters.add(turn, visit);
  }

  /**
   * Ends receiving at the next boundary between messages, after those whose bytes have begun to arrive. Bytes
   * that can be read within two turns of the event loop count as arrived.
   */
  closeRead(): void {
    if (this.#closingRead) return;
    this.#closingRead = true;
    // In a microtask, since a visitor may call it.
    queueMicrotask(() => this.#supply.state === "open" && this.#fill());
    const end = () => {
      this.#supply.endHere();
      this.#serve();
    };
    afterTurn(() => afterTurn(end));
  }

  /** Stops receiving. Pending and later calls return the end, or reject with the error. */
  stop(error?: unknown): void {
    this.#supply.stop(error);
    this.#serve();
  }

  /** Stops receiving because of an error, after the messages before it. */
  fail(error: unknown): void {
    if (this.#supply.state === "stopped" || this.#supply.state === "failed") return;
    this.#supply.fail(error);
    this.#serve();
  }

  /** Stops receiving and returns the bytes that belong to no message read yet. */
  detach(): Uint8Array {
    const ahead = this.#decoder.detach();
    this.stop(new TypeError("Cannot read: the stream was detached"));
    return ahead;
  }

  /** Reads to the end of the stream, or as far as possible. The source discards the bytes. */
  discard(): Promise<void> {
    if (this.#exhausted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#discarded = resolve;
      this.#fill();
    });
  }

  /** Takes a result, or adds a waiter for it. */
  #when<Result, End>(
    take: Take<Message, Result>,
    end: End,
    visits?: boolean,
  ): Promise<Result | End> | Waiter {
    const supply = this.#supply;
    let before: Waiter | undefined;
    if (!this.waiting && !supply.taking && !this.#pace.pauses(this.#decoder)) {
      let result: Result | undefined;
      try {
        result = supply.take(take);
      } catch (error) {
        if (this.waiting) this.#serve();
        return Promise.reject(error);
      }
      // Calls made by a callback of this one come after it.
      if (this.waiting && (result !== undefined || supply.over)) this.#serve();
      if (result !== undefined) return Promise.resolve(result);
      if (supply.over) return Promise.resolve(end);
      before = this.#waiters.first;
    }
    const waiter = new Waiter(take, end, visits);
    this.#waiters.add(waiter, before);
    // While a frame is visited, nothing may be read into its memory.
    if (!this.#pace.paused && !supply.taking) this.#fill();
    return waiter;
  }

  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    this.#source.read().then(this.#arrived, this.#failed);
  }

  readonly #arrived = (bytes: ReadResult): void => {
    this.#filling = false;
    try {
      this.#exhausted = !this.#source.add(bytes);
    } catch (error) {
      return this.#failed(error);
    }
    const supply = this.#supply;
    if (supply.state === "stopped") return this.#discardMore();
    if (supply.state !== "open") return;
    this.#pace.begin(this.#decoder.offset);
    if (this.#exhausted) supply.end();
    this.#serve();
    if (this.#exhausted) this.#source.ended?.();
  };

  readonly #failed = (error: unknown): void => {
    this.#filling = false;
    this.#exhausted = true;
    if (this.#supply.state === "stopped") return this.#discardMore();
    this.fail(this.#source.failed?.(error) ?? error);
  };

  #discardMore(): void {
    if (this.#discarded === undefined) return;
    if (this.#exhausted) this.#discarded();
    else this.#fill();
  }

  /** Serves the pending calls, in order. */
  #serve(): void {
    for (let waiter = this.#waiters.first; waiter !== undefined; waiter = this.#waiters.first) {
      if (this.#supply.state !== "stopped" && this.#pace.pauses(this.#decoder)) return;
      let result: unknown;
      this.#waiters.serving = waiter;
      try {
        result = this.#supply.take(waiter.take as Take<Message, unknown>);
      } catch (error) {
        this.#waiters.remove(waiter);
        waiter.reject(error);
        continue;
      } finally {
        this.#waiters.serving = undefined;
      }
      if (result === undefined && !this.#supply.over) {
        if (!waiter.signal?.aborted) return this.#fill();
        this.#waiters.remove(waiter);
        waiter.reject(waiter.signal.reason);
        continue;
      }
      this.#waiters.remove(waiter);
      waiter.resolve(result === undefined ? waiter.end : result);
    }
  }
}
