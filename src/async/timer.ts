import { keepRunning } from "./keep_running.ts";

// The members used of each runtime's timers, so that no runtime's types are needed.
interface TimerObject {
  ref(): unknown;
  unref(): unknown;
}
type Handle = TimerObject | number;
interface DenoTimers {
  refTimer(id: number): void;
  unrefTimer(id: number): void;
}
declare function setTimeout(callback: () => void, delay: number): Handle;
declare function clearTimeout(handle: Handle | undefined): void;

/** Maximum delay of a timer in milliseconds: more than 24 days. */
export const MAX_TIMER = 2_147_483_647;

/** A timer that can be restarted, and that need not keep the process running. */
export class Timer {
  readonly #callback: () => void;
  #handle: Handle | undefined;
  #delay = 0;
  #keepsRunning = true;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  /** Whether the timer is running. */
  get running(): boolean {
    return this.#handle !== undefined;
  }

  /** Delay of the last start in milliseconds. */
  get delay(): number {
    return this.#delay;
  }

  /** Starts the timer, unless it is running with the same or a shorter delay. */
  start(delay: number): void {
    if (this.#handle !== undefined && delay >= this.#delay) return;
    this.stop();
    this.#delay = delay;
    this.#handle = setTimeout(this.#fire, delay);
    if (!this.#keepsRunning) keepTimerRunning(false, this.#handle);
  }

  /** Stops the timer. */
  stop(): void {
    if (this.#handle === undefined) return;
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  /** Keeps the process running while the timer runs (the default). */
  ref(): void {
    this.#setKeepsRunning(true);
  }

  /** Lets the process exit while the timer runs. */
  unref(): void {
    this.#setKeepsRunning(false);
  }

  #setKeepsRunning(keeps: boolean): void {
    this.#keepsRunning = keeps;
    if (this.#handle !== undefined) keepTimerRunning(keeps, this.#handle);
  }

  readonly #fire = (): void => {
    this.#handle = undefined;
    this.#callback();
  };
}

/** Sets whether a timer keeps the process running. In Deno timers are numbers, as in browsers. */
function keepTimerRunning(keeps: boolean, handle: Handle): void {
  if (typeof handle === "object") return keepRunning(keeps, handle);
  const { Deno } = globalThis as { Deno?: DenoTimers };
  if (keeps) Deno?.refTimer(handle);
  else Deno?.unrefTimer(handle);
}
