import { Timer } from "../async/timer.ts";
import type { ConnectionError, TimeoutOption } from "../errors.ts";
import type { Limits } from "./connection_options.ts";
import type { Progress } from "./progress.ts";
import { timeoutError } from "./timeout_error.ts";

/** Number of checks within a limit. */
const CHECKS = 4;

/** Maximum time for the peer's end to arrive once everything has been sent, in milliseconds. */
const LINGER_TIME = 30_000;

/** Counts the time during which a limit applies. */
class Stopwatch {
  /** Milliseconds counted. */
  spent = 0;
  #applies = false;

  /** Counts the elapsed time if the limit has applied since the last call. */
  pass(elapsed: number, applies: boolean): void {
    if (this.#applies && applies) this.spent += elapsed;
    this.#applies = applies;
  }
}

/** Receives the events of a {@link Watchdog}. */
export interface WatchdogEvents {
  /** The connection has made no progress within a time limit. */
  timedOut(error: ConnectionError): void;
  /** Everything has been sent, and the peer's end has not arrived in time. */
  lingerTimedOut(): void;
}

/**
 * Reports a connection that makes no progress. Progress means bytes, not calls: a slow peer has as much
 * time as it needs. The time between two checks counts at most double their interval, so that time in
 * which the process itself is busy does not count against the peer.
 */
export class Watchdog {
  readonly #limits: Limits;
  readonly #progress: Progress;
  readonly #events: WatchdogEvents;
  readonly timer: Timer = new Timer(() => this.#check());
  /** When time was last counted, and the progress at that moment. */
  #counted = 0;
  #received = 0;
  #written = 0;
  #frameOffset = 0;
  readonly #idle: Stopwatch = new Stopwatch();
  readonly #frame: Stopwatch = new Stopwatch();
  readonly #sending: Stopwatch = new Stopwatch();
  readonly #closing: Stopwatch = new Stopwatch();
  readonly #lingering: Stopwatch = new Stopwatch();
  /** The limit of closing, in milliseconds; `Infinity` while the connection is open. */
  #closeLimit = Infinity;
  #lingers = false;

  constructor(limits: Limits, progress: Progress, events: WatchdogEvents) {
    this.#limits = limits;
    this.#progress = progress;
    this.#events = events;
  }

  /** Starts checking if a limit applies. */
  watch(): void {
    if (!this.timer.running) this.#counted = performance.now();
    this.#count();
    const interval = this.#interval();
    if (interval < Infinity) this.timer.start(interval);
  }

  /**
   * Limits closing.
   *
   * @param limit Milliseconds without progress.
   * @param lingers Whether everything has been sent and only the peer's end is missing.
   */
  close(limit: number, lingers: boolean): void {
    this.#closeLimit = limit;
    this.#lingers = lingers;
    this.watch();
    this.#closing.spent = 0;
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
    const timeout = this.#expired();
    if (timeout !== undefined) return this.#report(timeout);
    const interval = this.#interval();
    if (interval < Infinity) this.timer.start(interval);
  }

  /** Counts the time since the last call against the limits that apply, and resets those with progress. */
  #count(): void {
    const now = performance.now();
    const elapsed = Math.min(now - this.#counted, 2 * this.timer.delay);
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

  #expired(): keyof Limits & TimeoutOption | undefined {
    const { idleTimeout, frameTimeout, sendTimeout } = this.#limits;
    if (this.#frame.spent >= frameTimeout) return "frameTimeout";
    if (this.#idle.spent >= idleTimeout) return "idleTimeout";
    if (this.#sending.spent >= sendTimeout) return "sendTimeout";
    const closes = this.#closing.spent >= this.#closeLimit;
    return closes || this.#lingering.spent >= LINGER_TIME ? "closeTimeout" : undefined;
  }

  #report(timeout: keyof Limits & TimeoutOption): void {
    const closes = timeout === "closeTimeout";
    if (closes && this.#lingers) return this.#events.lingerTimedOut();
    const limit = closes ? this.#closeLimit : this.#limits[timeout];
    this.#events.timedOut(timeoutError(timeout, limit, this.#progress));
  }
}
