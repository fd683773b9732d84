import { ConnectionError, type Timeout } from "../errors.ts";
import type { Limits } from "./connection_options.ts";
import { afterTurn } from "./turn.ts";

/** What has come of the frame that is waited for. */
interface Progress {
  readonly pending: number;
  readonly expected: number | undefined;
}

/**
 * When a frame's time is over, what has arrived while the loop was busy may still be read, in so many
 * chunks: as much as a kernel holds, and too little for a peer who dribbles.
 */
const MOST_LOOKS = 64;

/**
 * Limits how long reading may wait: for anything at all, and for a frame's last byte once its first has
 * come. Only waiting counts: while nobody reads the peer is not to blame.
 */
export class ReadTimer {
  readonly #limits: Limits;
  readonly #progress: Progress;
  #received = 0;
  /** Where in the stream the frame begins that is waited for, and for how long it was, in milliseconds. */
  #begins = 0;
  #waited = 0;
  /** How often it was looked for more of it when that was over. */
  #looks = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #stopped: boolean;

  constructor(limits: Limits, progress: Progress) {
    this.#limits = limits;
    this.#progress = progress;
    this.#stopped = limits.idleTimeout === Infinity && limits.frameTimeout === Infinity;
  }

  /** Reads are limited. */
  get running(): boolean {
    return !this.#stopped;
  }

  /** Limits no read any more, the one under way included. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * Waits for the next chunk as long as the limits allow.
   *
   * @throws {ConnectionError} Time ran out.
   */
  watch(reading: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    if (this.#stopped) return reading;
    const { idleTimeout, frameTimeout } = this.#limits;
    const { pending } = this.#progress;
    const begins = this.#received - pending;
    if (begins !== this.#begins) this.#waited = this.#looks = 0;
    this.#begins = begins;
    if (this.#waited >= frameTimeout && ++this.#looks > MOST_LOOKS) {
      reading.catch(() => {});
      return Promise.reject(this.#expired(true));
    }
    const frame = pending === 0 ? Infinity : Math.max(0, frameTimeout - this.#waited);
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const expire = () => reject(this.#expired(frame < idleTimeout));
      // A loop that was busy finds time run out before it finds what has arrived meanwhile.
      const lookOnceMore = () => afterTurn(() => afterTurn(expire));
      const limit = Math.min(frame, idleTimeout);
      const timer = limit === Infinity ? undefined : setTimeout(lookOnceMore, limit);
      this.#timer = timer;
      reading.then((chunk) => {
        if (pending > 0) this.#waited += performance.now() - started;
        this.#received += chunk?.length ?? 0;
        resolve(chunk);
      }, reject).finally(() => clearTimeout(timer));
    });
  }

  #expired(inFrame: boolean): ConnectionError {
    const { pending: received, expected } = this.#progress;
    const timeout: Timeout = inFrame ? "frameTimeout" : "idleTimeout";
    const what = inFrame ? "the frame was not whole" : "nothing arrived";
    const of = expected === undefined ? "" : ` of ${expected}`;
    const came = received === 0 ? "" : `; ${received}${of} bytes of a frame had come`;
    return new ConnectionError(
      `Cannot receive: ${what} within the ${timeout} of ${this.#limits[timeout]} ms${came}`,
      { code: "timedOut", timeout, received, expected },
    );
  }
}
