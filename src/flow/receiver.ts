import { AbortGroups } from "../async/abort_groups.ts";
import { afterTurn } from "../async/after_turn.ts";
import type { FrameDecoder, FrameVisitor } from "../frame_decoder.ts";
import type { ProtocolParts } from "../protocol.ts";
import { type Decoding, DONE, type Take, takeAll, takeNext, takeOne } from "./takes.ts";
import { Waiter, Waiters } from "./waiters.ts";

/** Receives the outcome of a {@link Source.fill}. */
export interface Filled {
  /** Bytes have been added to the decoder; or, if there are no more, the stream has ended. */
  filled(more: boolean): void;
  /** Reading has failed. */
  unfilled(error: unknown): void;
}

/** Where the bytes of a decoder come from. */
export interface Source {
  /** Reads the next bytes, adds them to the decoder, and then calls one of the receiver's methods, once. */
  fill(receiver: Filled): void;
  /** Bytes of one fill that may be taken before the event loop turns; default: no limit. */
  readonly yieldAfter?: number;
  /** Called when reading has failed. Returns the error to report. */
  failed?(error: unknown): unknown;
  /** Returns the error to report once all whole messages before it have been taken. */
  afterMessages?(error: unknown): unknown;
  /** Called when the decoder has thrown an error. */
  refused?(error: unknown): void;
  /** Called when nothing more is received: what is read from here on is discarded. */
  discard(): void;
}

/**
 * The receiving half of every face: reads when a call waits for a message, and only then, so that a slow
 * reader stops the peer. Calls are served in order, and each takes no more from the decoder than it
 * asked for. Bytes that arrive for an aborted call stay for the next one.
 *
 * ```text
 *          ┌─ a call waits ─▶ fill ─┐
 *   open ──┤                        ├─▶ ended: what is buffered, then the end
 *    │     └◀──── more bytes ───────┴─▶ failed: what is buffered, then the error
 *    └─ stop ─▶ stopped: nothing that is buffered; the end, or an error
 * ```
 */
export class Receiver<Message> implements Filled {
  readonly #decoder: FrameDecoder<Message>;
  readonly #decoding: Decoding<Message>;
  readonly #source: Source;
  readonly #waiters: Waiters = new Waiters();
  #aborts: AbortGroups | undefined = undefined;
  #state: "open" | "ended" | "failed" | "stopped" = "open";
  /** The error to report, and whether it has been reported. */
  #failure: { error: unknown; reported: boolean } | undefined = undefined;
  #filling = false;
  /** Whether the source has ended or failed. */
  #exhausted = false;
  /** Resolves when everything has been discarded. */
  #discarded: (() => void) | undefined = undefined;
  /** The visit in progress. */
  #visit: Waiter | undefined = undefined;
  /** Whether the decoder is being asked: its callbacks may move on. */
  #taking = false;
  /** The position in the stream from which no message begins that is still received. */
  #boundary = Infinity;
  #closingRead = false;
  /** Position in the stream from which bytes count that are taken in this turn, and whether the next one is awaited. */
  #turnStart = 0;
  #yielding = false;

  /**
   * @param decoder Makes messages of the bytes.
   * @param decoding Replaces the decoder where messages are taken; default: the decoder.
   */
  constructor(
    decoder: FrameDecoder<Message>,
    source: Source,
    decoding: Decoding<Message> = decoder,
  ) {
    this.#decoder = decoder;
    this.#decoding = decoding;
    this.#source = source;
  }

  /** Whether a call waits, or bytes are being read that it has waited for. */
  get reading(): boolean {
    return this.#filling || this.waiting || this.#taking;
  }

  /** Whether a call waits. */
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

  /** Returns all whole messages, one at least; `undefined` at the end. */
  batch(): Promise<Message[] | undefined> {
    return this.when(takeAll, undefined);
  }

  /** Calls `visitor` for every frame up to the end. */
  async visit(visitor: FrameVisitor): Promise<void> {
    const take: Take<Message, never> = (decoding) => {
      decoding.visit(visitor);
      return undefined;
    };
    const visiting = this.#when(take, undefined);
    if (!(visiting instanceof Waiter)) return await visiting;
    this.#visit ??= visiting;
    try {
      await visiting.promise;
    } finally {
      if (this.#visit === visiting) this.#visit = undefined;
    }
  }

  /** Repeats `take` until it gives a result; gives `end` at the end of the stream. */
  when<Result, End>(
    take: Take<Message, Result>,
    end: End,
    signal?: AbortSignal,
  ): Promise<Result | End> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const result = this.#when(take, end);
    if (!(result instanceof Waiter)) return result;
    if (signal !== undefined) this.#leaveOnAbort(result, signal);
    return result.promise as Promise<Result | End>;
  }

  /** Switches to another protocol after the messages that have been asked for; a visit has asked for one. */
  switchTo(protocol: ProtocolParts<unknown>): void {
    const change = () => {
      this.#decoder.switchTo(protocol);
      return true;
    };
    const visit = this.#visit;
    if (this.#taking || !this.waiting || visit === this.#waiters.first) return void change();
    const turn = new Waiter(change, undefined);
    turn.promise.catch(() => {});
    this.#waiters.add(turn, visit);
  }

  /**
   * Ends receiving at the next boundary of messages. Bytes that have arrived, and their last message, come
   * first: whatever can be read within two turns of the event loop has arrived.
   */
  closeRead(): void {
    if (this.#closingRead) return;
    this.#closingRead = true;
    if (this.#state === "open") this.#fill();
    afterTurn(() =>
      afterTurn(() => {
        this.#boundary = this.#decoder.offset + this.#decoder.buffered;
        this.#serve();
      })
    );
  }

  /** Stops receiving. Waiting and later calls get the end, or the error. */
  stop(error?: unknown): void {
    this.#state = "stopped";
    this.#source.discard();
    if (error !== undefined) this.#failure ??= { error, reported: true };
    this.#serve();
  }

  /** Stops receiving because of an error, after the messages before it. */
  fail(error: unknown): void {
    if (this.#state === "stopped" || this.#state === "failed") return;
    this.#state = "failed";
    this.#failure ??= { error, reported: false };
    this.#serve();
  }

  /** Stops receiving and returns the bytes that no message has been made of. */
  detach(): Uint8Array {
    const ahead = this.#decoder.detach();
    this.stop(new TypeError("Cannot read: the stream was detached"));
    return ahead;
  }

  /** Reads to the end of the stream, or as far as possible. The source discards what it reads. */
  discard(): Promise<void> {
    if (this.#exhausted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#discarded = resolve;
      this.#fill();
    });
  }

  filled(more: boolean): void {
    this.#filling = false;
    this.#exhausted = !more;
    if (this.#state === "stopped") return this.#discardMore();
    if (this.#state !== "open") return;
    this.#turnStart = this.#decoder.offset;
    if (!more) {
      this.#state = "ended";
      this.#decoder.end();
    }
    this.#serve();
  }

  unfilled(error: unknown): void {
    this.#filling = false;
    this.#exhausted = true;
    if (this.#state === "stopped") return this.#discardMore();
    this.fail(this.#source.failed?.(error) ?? error);
  }

  /** Takes a result, or adds a waiter for it. */
  #when<Result, End>(
    take: Take<Message, Result>,
    end: End,
  ): Promise<Result | End> | Waiter {
    if (!this.waiting && !this.#yields()) {
      try {
        const result = this.#attempt(take);
        if (result !== undefined) return Promise.resolve(result);
        if (this.#over) return Promise.resolve(end);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const waiter = new Waiter(take, end);
    this.#waiters.add(waiter);
    if (!this.#yielding) this.#fill();
    return waiter;
  }

  /** Whether no more messages come once nothing can be taken. */
  get #over(): boolean {
    return this.#state !== "open" || this.#decoder.offset >= this.#boundary;
  }

  /**
   * Whether the event loop must turn before more is taken. A loop over buffered messages runs in microtasks,
   * in which some transports send nothing (`node:tls`).
   */
  #yields(): boolean {
    if (this.#yielding || this.#source.yieldAfter === undefined) return this.#yielding;
    const { offset, buffered } = this.#decoder;
    const waits = buffered > 0 && offset - this.#turnStart >= this.#source.yieldAfter;
    // A timer in the place of `setImmediate` would take milliseconds.
    if (!waits || !("setImmediate" in globalThis)) return false;
    this.#yielding = true;
    afterTurn(() => {
      this.#yielding = false;
      this.#turnStart = this.#decoder.offset;
      this.#serve();
    });
    return true;
  }

  #attempt<Result>(take: Take<Message, Result>): Result | undefined {
    const taken = this.#state !== "stopped" && this.#decoder.offset < this.#boundary
      ? this.#take(take)
      : undefined;
    if (taken === undefined && this.#failure !== undefined) throw this.#report(this.#failure);
    return taken;
  }

  #take<Result>(take: Take<Message, Result>): Result | undefined {
    this.#taking = true;
    try {
      return take(this.#decoding);
    } catch (error) {
      this.#source.refused?.(error);
      throw error;
    } finally {
      this.#taking = false;
    }
  }

  #report(failure: { error: unknown; reported: boolean }): unknown {
    if (!failure.reported) {
      failure.reported = true;
      failure.error = this.#source.afterMessages?.(failure.error) ?? failure.error;
    }
    return failure.error;
  }

  #leaveOnAbort(waiter: Waiter, signal: AbortSignal): void {
    waiter.signal = signal;
    waiter.onAbort = () => {
      this.#waiters.remove(waiter);
      waiter.reject(signal.reason);
    };
    this.#aborts ??= new AbortGroups();
    this.#aborts.add(signal, waiter.onAbort);
  }

  #leave(waiter: Waiter): void {
    this.#waiters.remove(waiter);
    if (waiter.signal !== undefined) this.#aborts!.remove(waiter.signal, waiter.onAbort!);
  }

  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    this.#source.fill(this);
  }

  #discardMore(): void {
    if (this.#discarded === undefined) return;
    if (this.#exhausted) this.#discarded();
    else this.#fill();
  }

  /** Serves the waiting calls, in order. */
  #serve(): void {
    for (let waiter = this.#waiters.first; waiter !== undefined; waiter = this.#waiters.first) {
      if (this.#state !== "stopped" && this.#yields()) return;
      let result: unknown;
      try {
        result = this.#attempt(waiter.take as Take<Message, unknown>);
      } catch (error) {
        this.#leave(waiter);
        waiter.reject(error);
        continue;
      }
      if (result === undefined && !this.#over) return this.#fill();
      this.#leave(waiter);
      waiter.resolve(result === undefined ? waiter.end : result);
    }
  }
}
