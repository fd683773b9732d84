import { Timer } from "../async/timer.ts";
import type { TimeoutOption } from "../errors.ts";
import type { Limits } from "./connection_options.ts";

/** How often progress is checked within a limit. */
const CHECKS = 4;

/** How long closing takes at most once everything has been sent, in milliseconds. */
const LINGER_TIME = 30_000;

/** The state of a connection that limits of time depend on. */
export interface Progress {
  /** Bytes that have passed, in either direction. */
  readonly passed: number;
  /** Whether a call waits to receive. */
  readonly waiting: boolean;
  /** Position in the stream of the frame that is arriving, its bytes so far, and all of them if known. */
  readonly frameOffset: number;
  readonly frameLength: number;
  readonly expectedLength: number | undefined;
  /** Bytes that were sent and that the system has not accepted. */
  readonly pending: number;
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
  /** When progress was checked, and what it was then. */
  #checked = 0;
  #passed = 0;
  #frameOffset = 0;
  /** Milliseconds without progress, by limit; of a frame, since its first byte. */
  #idle = 0;
  #frame = 0;
  #sending = 0;
  #closing = 0;
  #lingering = 0;
  /** The limit of closing, in milliseconds; `undefined` while the connection is open. */
  #closeLimit: number | undefined = undefined;
  #lingers = false;

  constructor(limits: Limits, progress: Progress, expired: (timeout: TimeoutOption) => void) {
    this.#limits = limits;
    this.#progress = progress;
    this.#expired = expired;
  }

  /** Begins to check, if a limit applies now. */
  watch(): void {
    const interval = this.#interval();
    if (interval === Infinity) return;
    if (!this.#timer.running) {
      this.#checked = performance.now();
      this.#notice();
    }
    this.#timer.start(interval);
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
    this.#closing = 0;
    this.watch();
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
    let shortest = this.#closeLimit ?? Infinity;
    if (this.#lingers) shortest = Math.min(shortest, LINGER_TIME);
    if (waiting) shortest = Math.min(shortest, idleTimeout);
    if (waiting && frameLength > 0) shortest = Math.min(shortest, frameTimeout);
    if (pending > 0) shortest = Math.min(shortest, sendTimeout);
    return shortest / CHECKS;
  }

  #check(): void {
    const expired = this.#count();
    if (expired !== undefined) return this.#expired(expired);
    const interval = this.#interval();
    if (interval < Infinity) this.#timer.start(interval);
  }

  /** Counts the time since the last check. Returns the limit that has expired, if any. */
  #count(): TimeoutOption | undefined {
    const now = performance.now();
    const elapsed = Math.min(now - this.#checked, 2 * this.#timer.delay);
    this.#checked = now;
    const { idleTimeout, frameTimeout, sendTimeout } = this.#limits;
    const { waiting, frameLength, pending } = this.#progress;
    if (!this.#notice()) {
      if (waiting) this.#idle += elapsed;
      if (pending > 0) this.#sending += elapsed;
      this.#closing += elapsed;
    }
    if (waiting && frameLength > 0) this.#frame += elapsed;
    if (this.#lingers) this.#lingering += elapsed;
    if (this.#frame >= frameTimeout) return "frameTimeout";
    if (this.#idle >= idleTimeout) return "idleTimeout";
    if (this.#sending >= sendTimeout) return "sendTimeout";
    const closes = this.#closing >= (this.#closeLimit ?? Infinity);
    return closes || this.#lingering >= LINGER_TIME ? "closeTimeout" : undefined;
  }

  /** Begins to count anew what has made progress. Returns whether bytes have passed. */
  #notice(): boolean {
    const { passed, frameOffset } = this.#progress;
    if (frameOffset !== this.#frameOffset) this.#frame = 0;
    this.#frameOffset = frameOffset;
    if (passed === this.#passed) return false;
    this.#passed = passed;
    this.#idle = this.#sending = this.#closing = 0;
    return true;
  }
}
