import { Timer } from "../async/timer.ts";
import type { TimeoutOption } from "../errors.ts";
import type { Limits } from "./connection_options.ts";

/** How often progress is checked within a limit. */
const CHECKS = 4;

/** How long closing takes at most once everything has been sent, in milliseconds. */
const LINGER_TIME = 30_000;

/** The state of a connection that limits of time depend on. */
export interface Progress {
  /** Bytes that have been received, and that the system has accepted. */
  readonly received: number;
  readonly written: number;
  /** Whether a call waits to receive. */
  readonly waiting: boolean;
  /** Position in the stream of the frame that is arriving, its bytes so far, and all of them if known. */
  readonly frameOffset: number;
  readonly frameLength: number;
  readonly expectedLength: number | undefined;
  /** Bytes that were sent and that the system has not accepted. */
  readonly pending: number;
}

/** Time that counts against a limit while the limit applies. */
class Patience {
  /** Milliseconds counted. */
  spent = 0;
  #applies = false;

  /** Counts time if the limit has applied since the last call. */
  pass(elapsed: number, applies: boolean): void {
    if (this.#applies && applies) this.spent += elapsed;
    this.#applies = applies;
  }
}

/**
 * Ends a connection that makes no progress. Progress means bytes, not calls: a slow peer has as much time
 * as it needs. Checks a few times within each limit, and counts the time between two checks: while the
 * process itself is busy, no time passes for the peer.
 */
export class Watchdog {
  readonly #limits: Limits;
  readonly #progress: Progress;
  readonly #expired: (timeout: TimeoutOption) => void;
  readonly #timer: Timer = new Timer(() => this.#check());
  /** When time was counted last, and how many bytes had passed. */
  #counted = 0;
  #received = 0;
  #written = 0;
  #frameOffset = 0;
  readonly #idle: Patience = new Patience();
  readonly #frame: Patience = new Patience();
  readonly #sending: Patience = new Patience();
  readonly #closing: Patience = new Patience();
  readonly #lingering: Patience = new Patience();
  /** The limit of closing, in milliseconds; `Infinity` while the connection is open. */
  #closeLimit = Infinity;
  #lingers = false;

  constructor(limits: Limits, progress: Progress, expired: (timeout: TimeoutOption) => void) {
    this.#limits = limits;
    this.#progress = progress;
    this.#expired = expired;
  }

  /** Begins to check, if a limit applies now. */
  watch(): void {
    if (!this.#timer.running) this.#counted = performance.now();
    this.#count();
    const interval = this.#interval();
    if (interval < Infinity) this.#timer.start(interval);
  }

  /**
   * Limits closing, too.
   *
   * @param limit Milliseconds without progress.
   * @param lingers Whether everything has been sent, and only the peer's end is missing.
   */
  close(limit: number, lingers: boolean): void {
    this.#closeLimit = limit;
    this.#lingers = lingers;
    this.watch();
    this.#closing.spent = 0;
  }

  /** Checks no more. */
  stop(): void {
    this.#timer.stop();
  }

  /** Keeps the process running while a limit applies. */
  ref(): void {
    this.#timer.ref();
  }

  /** Lets the process end while a limit applies. */
  unref(): void {
    this.#timer.unref();
  }

  /** Milliseconds to the next check; `Infinity` if no limit applies. */
  #interval(): number {
    const { idleTimeout, frameTimeout, sendTimeout } = this.#limits;
    const { waiting, frameLength, pending } = this.#progress;
    let shortest = this.#closeLimit;
    if (this.#lingers) shortest = Math.min(shortest, LINGER_TIME);
    if (waiting) shortest = Math.min(shortest, idleTimeout);
    if (waiting && frameLength > 0) shortest = Math.min(shortest, frameTimeout);
    if (pending > 0) shortest = Math.min(shortest, sendTimeout);
    return shortest / CHECKS;
  }

  #check(): void {
    this.#count();
    const expired = this.#limitReached();
    if (expired !== undefined) return this.#expired(expired);
    const interval = this.#interval();
    if (interval < Infinity) this.#timer.start(interval);
  }

  /** Counts the time that has passed without progress. */
  #count(): void {
    const now = performance.now();
    const elapsed = Math.min(now - this.#counted, 2 * this.#timer.delay);
    this.#counted = now;
    const { received, written, frameOffset, waiting, frameLength, pending } = this.#progress;
    this.#idle.pass(elapsed, waiting);
    this.#frame.pass(elapsed, waiting && frameLength > 0);
    this.#sending.pass(elapsed, pending > 0);
    this.#closing.pass(elapsed, this.#closeLimit < Infinity);
    this.#lingering.pass(elapsed, this.#lingers);
    if (frameOffset !== this.#frameOffset) this.#frame.spent = 0;
    if (written !== this.#written) this.#sending.spent = 0;
    if (written !== this.#written || received !== this.#received) {
      this.#idle.spent = this.#closing.spent = 0;
    }
    this.#frameOffset = frameOffset;
    this.#received = received;
    this.#written = written;
  }

  #limitReached(): TimeoutOption | undefined {
    const { idleTimeout, frameTimeout, sendTimeout } = this.#limits;
    if (this.#frame.spent >= frameTimeout) return "frameTimeout";
    if (this.#idle.spent >= idleTimeout) return "idleTimeout";
    if (this.#sending.spent >= sendTimeout) return "sendTimeout";
    const closes = this.#closing.spent >= this.#closeLimit;
    return closes || this.#lingering.spent >= LINGER_TIME ? "closeTimeout" : undefined;
  }
}
