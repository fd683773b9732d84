import { afterTurn } from "../async/after_turn.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { OpenFrame } from "../frame_parts.ts";
import type { FrameVisitor } from "../frame_visitor.ts";
import type { ProtocolParts } from "../protocol.ts";
import { Feed, type FeedEvents } from "./feed.ts";
import { Pace } from "./pace.ts";
import type { Source } from "./source.ts";
import { Supply } from "./supply.ts";
import { type Decoding, DONE, type Take, takeAll, takeNext, takeOne } from "./takes.ts";
import { discardedError, promiseOf, Waiter, Waiters } from "./waiters.ts";

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
export class Receiver<Message> implements FeedEvents {
  readonly #decoder: FrameDecoder<Message>;
  readonly #supply: Supply<Message>;
  readonly #source: Source;
  readonly feed: Feed;
  /** The calls for messages, and those that are served now: the same, or those for parts of the open body. */
  readonly #calls: Waiters = new Waiters();
  #waiters: Waiters = this.#calls;
  #body: OpenFrame | undefined = undefined;
  readonly #pace: Pace;
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
    this.feed = new Feed(source, this);
    this.#pace = new Pace(source.yieldAfter, () => this.#serve());
  }

  /** Whether a call is pending, or a read that a call has started. */
  get reading(): boolean {
    return this.feed.reading || this.waiting || this.#supply.taking;
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
    this.release();
    await promiseOf(this.#when(this.#supply.visit(visitor), undefined, true));
  }

  /** Repeats `take` until it returns a result; returns `end` at the end of the stream. */
  when<Result, End>(
    take: Take<Message, Result>,
    end: End,
    signal?: AbortSignal,
  ): Promise<Result | End> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#body !== undefined) this.release();
    const call = this.#when(take, end);
    if (signal !== undefined && call instanceof Waiter) this.#calls.removeOnAbort(call, signal);
    return promiseOf(call);
  }

  /** Holds the pending calls back until the end of a frame whose body is read. The next call discards its rest. */
  hold(frame: OpenFrame): void {
    this.#body = frame;
    this.#waiters = new Waiters();
  }

  /** Reads a part of that frame, none at its end; `undefined` if this side has stopped receiving. */
  async part(frame: OpenFrame): Promise<Uint8Array | undefined> {
    if (this.#body !== frame && this.#supply.state !== "stopped") throw discardedError();
    return await promiseOf(this.#when(() => frame.read(), undefined, false, this.#waiters));
  }

  /** Serves the calls that have been held back, if that frame is still being read. */
  release(frame: OpenFrame | undefined = this.#body): void {
    if (frame === undefined || this.#body !== frame) return;
    this.#waiters.rejectAll(discardedError());
    this.#waiters = this.#calls;
    this.#body = undefined;
    this.#serve();
  }

  /** Switches to another protocol after the pending calls, or after those before a pending visit. */
  switchTo(protocol: ProtocolParts<unknown>): void {
    const change = () => {
      this.#decoder.switchTo(protocol);
      return true;
    };
    const { first, visit } = this.#calls;
    if (this.#supply.taking || first === visit) return void change();
    const turn = new Waiter(change, undefined);
    turn.promise.catch(() => {});
    this.#calls.add(turn, visit);
  }

  /**
   * Ends receiving at the next boundary between messages, after those whose bytes have begun to arrive. Bytes
   * that can be read within two turns of the event loop count as arrived.
   */
  closeRead(): void {
    if (this.#closingRead) return;
    this.#closingRead = true;
    // In a microtask, since a visitor may call it.
    queueMicrotask(() => this.#supply.state === "open" && this.feed.read());
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
    this.release();
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

  /** Takes a result, or adds a waiter for it. */
  #when<Result, End>(
    take: Take<Message, Result>,
    end: End,
    visits?: boolean,
    waiters: Waiters = this.#calls,
  ): Promise<Result | End> | Waiter {
    const supply = this.#supply;
    let before: Waiter | undefined;
    // If a body is open, it was opened by a call that came before.
    const held = waiters !== this.#waiters;
    if (!held && !this.waiting && !supply.taking && !this.#pace.pauses(this.#decoder)) {
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
    waiters.add(waiter, before);
    // While a frame is visited, nothing may be read into its memory.
    if (!held && !this.#pace.paused && !supply.taking) this.feed.read();
    return waiter;
  }

  arrived(ended: boolean): void {
    const supply = this.#supply;
    if (supply.state !== "open") return;
    this.#pace.begin(this.#decoder.offset);
    if (ended) supply.end();
    this.#serve();
    if (ended) this.#source.ended?.();
  }

  failed(error: unknown): void {
    if (this.#supply.state !== "stopped") this.fail(this.#source.failed?.(error) ?? error);
  }

  /** Serves the pending calls, in order. */
  #serve(): void {
    for (;;) {
      const waiters = this.#waiters;
      const waiter = waiters.first;
      if (waiter === undefined) return;
      if (this.#supply.state !== "stopped" && this.#pace.pauses(this.#decoder)) return;
      let result: unknown;
      waiters.serving = waiter;
      try {
        result = this.#supply.take(waiter.take as Take<Message, unknown>);
      } catch (error) {
        waiters.remove(waiter);
        waiter.reject(error);
        continue;
      } finally {
        waiters.serving = undefined;
      }
      if (result === undefined && !this.#supply.over) {
        if (!waiter.signal?.aborted) return this.feed.read();
        waiters.remove(waiter);
        waiter.reject(waiter.signal.reason);
        continue;
      }
      waiters.remove(waiter);
      waiter.resolve(result === undefined ? waiter.end : result);
    }
  }
}
