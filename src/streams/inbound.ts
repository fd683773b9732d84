import { type FrameDecoder, type FrameVisitor, refuseStandstill } from "../frame_decoder.ts";
import { DONE, Yielded } from "./iterator_result.ts";

/** Tries to get something from the bytes at hand; `undefined`: not yet. */
type Attempt<Message, Result> = (inbound: Inbound<Message>) => Result | undefined;

/** Somebody who waits for what is still to come. */
class Waiter {
  readonly attempt: Attempt<never, unknown>;
  /** What is had instead when the stream has ended. */
  readonly end: unknown;
  /** No byte is kept that was seen. */
  readonly visits: boolean;
  resolve!: (result: unknown) => void;
  reject!: (error: unknown) => void;

  constructor(attempt: Attempt<never, unknown>, end: unknown, visits: boolean) {
    this.attempt = attempt;
    this.end = end;
    this.visits = visits;
  }
}

// What somebody may wait for: functions that serve every connection, since there may be many.
let takeOne: <Message>(inbound: Inbound<Message>) => Message | undefined;
let takeResult: <Message>(
  inbound: Inbound<Message>,
) => IteratorResult<Message, undefined> | undefined;
let takeBatch: <Message>(inbound: Inbound<Message>) => Message[] | undefined;

/** Where chunks come from, and who is told how they came to their end. */
export interface InboundOwner {
  /** Reads the next chunk; `undefined`: there are no more. */
  read(): Promise<Uint8Array | undefined>;
  /** A chunk, or the end, has arrived. */
  arrived?(): void;
  /** Takes a chunk that lies where it belongs already, and says whether it does. */
  landed?(chunk: Uint8Array): boolean;
  /** The last chunk was read. */
  ended?(): void;
  /** Reading failed. Says what those who wait are told of it. */
  failed?(error: unknown): unknown;
  /** A message could not be had of what was read. */
  refused?(error: unknown): void;
}

/**
 * The receiving half of everything: reads chunks when somebody waits for a message, and only then, so
 * that a slow reader stops the peer. Who asked first is served first, and a chunk that arrives for
 * somebody who has given up stays for the next one.
 */
export class Inbound<Message> {
  static {
    takeOne = (inbound) => inbound.#one();
    takeResult = (inbound) => inbound.#result();
    takeBatch = (inbound) => inbound.#batch();
  }

  readonly #decoder: FrameDecoder<Message>;
  readonly #owner: InboundOwner;
  /** Who is served next. Mostly there is nobody else. */
  #waiter: Waiter | undefined = undefined;
  #others: Waiter[] = [];
  #arriving: Promise<Uint8Array | undefined> | undefined = undefined;
  /** The last chunk was read. */
  #ended = false;
  /** Chunks can be read no more. */
  #broken = false;
  /** Nobody wants to read any more. */
  #stopped = false;
  #failure: { readonly error: unknown } | undefined = undefined;
  /** An error that comes behind messages already handed out in one batch. */
  #held: { readonly error: unknown } | undefined = undefined;

  /** @param decoder What makes messages of the chunks. */
  constructor(decoder: FrameDecoder<Message>, owner: InboundOwner) {
    this.#decoder = decoder;
    this.#owner = owner;
  }

  /** The last chunk was read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Somebody waits, or the read is under way that somebody has waited for. */
  get reading(): boolean {
    return this.#arriving !== undefined || this.#waiter !== undefined;
  }

  /** What is read next is visited, and kept by nobody. */
  get visited(): boolean {
    return this.#waiter?.visits === true;
  }

  /** The next message; `undefined` at the end. */
  receive(signal?: AbortSignal): Promise<Message | undefined> {
    return this.when(takeOne, undefined, signal);
  }

  /** The next message, as iterators hand it out. */
  next(): Promise<IteratorResult<Message, undefined>> {
    return this.when(takeResult, DONE);
  }

  /** All messages at hand, one at least; `undefined` at the end. */
  batch(): Promise<Message[] | undefined> {
    return this.when(takeBatch, undefined);
  }

  /** Visits all frames there are to come. */
  async visit(visitor: FrameVisitor): Promise<void> {
    const attempt = () => {
      this.#tellHeld();
      this.#decoder.visit(visitor);
    };
    await this.#wait(attempt, undefined, true);
  }

  /** Does something when all those who wait now have been served. */
  inTurn(action: () => void): void {
    this.when(() => (action(), true), true).catch(() => {});
  }

  /** Makes each attempt at the bytes at hand until one gives a result, and gives `end` at the end. */
  when<Result, End>(
    attempt: Attempt<Message, Result>,
    end: End,
    signal?: AbortSignal,
  ): Promise<Result | End> {
    return this.#wait(attempt, end, false, signal);
  }

  #wait<Result, End>(
    attempt: Attempt<Message, Result>,
    end: End,
    visits: boolean,
    signal?: AbortSignal,
  ): Promise<Result | End> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiter === undefined) {
      try {
        const result = this.#attempt(attempt);
        if (result !== undefined) return Promise.resolve(result);
        if (this.#ended || this.#stopped) return Promise.resolve(end);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const waiter = new Waiter(attempt, end, visits);
    const promise = new Promise((resolve, reject) => {
      waiter.resolve = resolve;
      waiter.reject = reject;
    });
    if (this.#waiter === undefined) this.#waiter = waiter;
    else this.#others.push(waiter);
    if (signal !== undefined) this.#leaveOnAbort(waiter, signal);
    this.#pump();
    return promise as Promise<Result | End>;
  }

  /** Reads no more. Whoever waits, or asks later, gets the end; or the error, if there is one. */
  stop(failure?: { readonly error: unknown }): void {
    this.#stopped = true;
    this.#failure ??= failure;
    this.#serve();
  }

  /**
   * Hands over the stream as it is: what was read ahead, then what is still to come.
   *
   * @param readOn Reads that, from here on.
   */
  detach(
    readOn: () => Promise<Uint8Array | undefined> = () => this.#owner.read(),
  ): { readonly ahead: Uint8Array; readonly read: () => Promise<Uint8Array | undefined> } {
    const ahead = this.#decoder.detach();
    let arriving = this.#ended ? Promise.resolve(undefined) : this.#arriving;
    this.#ended = true;
    this.stop({ error: new TypeError("Cannot read: the stream was detached") });
    return {
      ahead,
      read: () => {
        const next = arriving ?? readOn();
        arriving = undefined;
        return next;
      },
    };
  }

  /** Reads on to the last chunk, or as far as can be read, and lets everything go. */
  async discard(arrived: () => void): Promise<void> {
    while (!this.#ended && !this.#broken) {
      this.#ended = await (this.#arriving ?? this.#owner.read()) === undefined;
      arrived();
    }
  }

  #one(): Message | undefined {
    this.#tellHeld();
    return this.#decoder.read();
  }

  #result(): IteratorResult<Message, undefined> | undefined {
    const value = this.#one();
    return value === undefined ? undefined : new Yielded(value);
  }

  #batch(): Message[] | undefined {
    this.#tellHeld();
    const decoder = this.#decoder;
    const messages: Message[] = [];
    try {
      // As `for … of` over the decoder does it, without a result for each message.
      let { pending } = decoder;
      for (let message; (message = decoder.read()) !== undefined;) {
        if (pending === (pending = decoder.pending)) refuseStandstill();
        messages.push(message);
      }
    } catch (error) {
      if (messages.length === 0) throw error;
      this.#held = { error };
    }
    return messages.length === 0 ? undefined : messages;
  }

  #tellHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) throw held.error;
  }

  /** What was received before a failure comes before it. */
  #attempt<Result>(attempt: Attempt<never, Result>): Result | undefined {
    const result = this.#stopped ? undefined : this.#make(attempt);
    if (result === undefined && this.#failure !== undefined) throw this.#failure.error;
    return result;
  }

  #make<Result>(attempt: Attempt<never, Result>): Result | undefined {
    try {
      return attempt(this as Inbound<unknown> as Inbound<never>);
    } catch (error) {
      this.#owner.refused?.(error);
      throw error;
    }
  }

  #leaveOnAbort(waiter: Waiter, signal: AbortSignal): void {
    const leave = () => {
      if (this.#waiter === waiter) this.#waiter = this.#others.shift();
      else this.#others = this.#others.filter((other) => other !== waiter);
      waiter.reject(signal.reason);
    };
    const { resolve, reject } = waiter;
    signal.addEventListener("abort", leave, { once: true });
    waiter.resolve = (result) => {
      signal.removeEventListener("abort", leave);
      resolve(result);
    };
    waiter.reject = (error) => {
      signal.removeEventListener("abort", leave);
      reject(error);
    };
  }

  #pump(): void {
    if (this.#arriving !== undefined) return;
    this.#arriving = this.#owner.read();
    // Both are made once, so that a read makes nothing anew but its promises.
    this.#arriving.then(this.#arrive, this.#fail);
  }

  readonly #arrive = (chunk: Uint8Array | undefined): void => {
    this.#arriving = undefined;
    if (this.#stopped) return;
    this.#owner.arrived?.();
    if (chunk === undefined) {
      this.#ended = true;
      this.#decoder.end();
    } else {
      try {
        if (this.#owner.landed?.(chunk) !== true) this.#decoder.push(chunk);
      } catch (error) {
        this.#failure = { error };
      }
    }
    this.#serve();
    if (this.#ended) this.#owner.ended?.();
  };

  readonly #fail = (error: unknown): void => {
    this.#arriving = undefined;
    this.#broken = true;
    if (this.#stopped) return;
    this.#failure = { error: this.#owner.failed?.(error) ?? error };
    this.#serve();
  };

  /** Gives those who wait what there is, in order. */
  #serve(): void {
    for (let waiter = this.#waiter; waiter !== undefined; waiter = this.#waiter) {
      let result: unknown;
      try {
        result = this.#attempt(waiter.attempt);
      } catch (error) {
        this.#waiter = this.#others.shift();
        waiter.reject(error);
        continue;
      }
      if (result === undefined && !this.#ended && !this.#stopped) return this.#pump();
      this.#waiter = this.#others.shift();
      waiter.resolve(result === undefined ? waiter.end : result);
    }
  }
}
