import { keepRunning } from "../async/keep_running.ts";
import type { ConnectionError } from "../errors.ts";
import { TimedAbort } from "../transports/timed_abort.ts";
import type { Limits } from "./connection_options.ts";
import type { Progress } from "./progress.ts";
import { Watchdog, type WatchdogEvents } from "./watchdog.ts";

/** How long `close` waits without progress on pending data, in milliseconds. */
const SEND_SILENCE = 30_000;

/** How long `close` waits without input for the peer's end, in milliseconds. */
const RECEIVE_SILENCE = 5_000;

/** Enforces the time limits of a connection, by a watchdog that is created when a limit first applies. */
export class TimeLimits {
  readonly limits: Limits;
  readonly #progress: Progress;
  readonly #events: WatchdogEvents;
  #watchdog: Watchdog | undefined;
  #handshake: TimedAbort | undefined;
  #keepsRunning = true;
  /** Whether the connection is closed, so that no limit applies anymore. */
  #stopped = false;

  constructor(limits: Limits, progress: Progress, events: WatchdogEvents) {
    this.limits = limits;
    this.#progress = progress;
    this.#events = events;
  }

  /** Starts checking if a limit applies. */
  watch(): void {
    if (this.#stopped) return;
    const { idleTimeout, frameTimeout, sendTimeout } = this.limits;
    const applies = idleTimeout < Infinity ||
      (frameTimeout < Infinity && this.#progress.frameLength > 0) ||
      (sendTimeout < Infinity && this.#progress.pending > 0);
    if (applies) this.#watch().watch();
  }

  /** Limits closing while pending data is sent. */
  limitSending(): void {
    if (!this.#stopped) this.#watch().close(this.limits.closeTimeout ?? SEND_SILENCE, false);
  }

  /** Limits closing while only the peer's end is missing. */
  limitLingering(): void {
    if (!this.#stopped) this.#watch().close(this.limits.closeTimeout ?? RECEIVE_SILENCE, true);
  }

  /** Limits a TLS handshake, which begins now. */
  limitHandshake(): TimedAbort {
    const { handshakeTimeout } = this.limits;
    const handshake = new TimedAbort("Cannot start TLS", "handshakeTimeout", handshakeTimeout);
    this.#handshake = handshake;
    keepRunning(this.#keepsRunning, handshake.timer);
    return handshake;
  }

  /** Aborts a handshake in progress. */
  abortHandshake(error: ConnectionError): void {
    this.#handshake?.abort(error);
  }

  /** Stops checking for good: nothing that ends later starts it again. */
  stop(): void {
    this.#stopped = true;
    this.#watchdog?.timer.stop();
    this.#handshake?.end();
  }

  /** Keeps the process running while a limit applies. */
  ref(): void {
    this.#setKeepsRunning(true);
  }

  /** Lets the process end while a limit applies. */
  unref(): void {
    this.#setKeepsRunning(false);
  }

  #setKeepsRunning(keeps: boolean): void {
    this.#keepsRunning = keeps;
    keepRunning(keeps, this.#watchdog?.timer);
    keepRunning(keeps, this.#handshake?.timer);
  }

  #watch(): Watchdog {
    if (this.#watchdog === undefined) {
      this.#watchdog = new Watchdog(this.limits, this.#progress, this.#events);
      keepRunning(this.#keepsRunning, this.#watchdog.timer);
    }
    return this.#watchdog;
  }
}
