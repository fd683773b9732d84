import { Timer } from "../async/timer.ts";
import { ConnectionError, type TimeoutOption } from "../errors.ts";

/** A controller that aborts when a time limit expires, with the error to report. */
export class TimedAbort extends AbortController {
  readonly timer: Timer;
  /** The error, if the limit has expired first. */
  expired: ConnectionError | undefined;

  /**
   * @param action Beginning of the error text.
   * @param limit Milliseconds from now on; `Infinity`: no limit.
   */
  constructor(action: string, timeout: TimeoutOption, limit: number) {
    super();
    this.timer = new Timer(() => {
      if (this.signal.aborted) return;
      const reason = `${action}: ${timeout} of ${limit} ms expired`;
      this.expired = new ConnectionError(reason, { code: "timedOut", timeout });
      this.abort(this.expired);
    });
    if (limit < Infinity) this.timer.start(limit);
  }

  /** Ends the limit: what it limits is done. */
  end(): void {
    this.timer.stop();
  }
}
