import { Timer } from "../../async/timer.ts";
import { ConnectionError } from "../../errors.ts";

/** The time limit of a TLS handshake. Its signal aborts the handshake, with the error to report. */
export class HandshakeLimit extends AbortController {
  readonly timer: Timer;

  /** @param limit Milliseconds from now on; `Infinity`: no limit. */
  constructor(limit: number) {
    super();
    this.timer = new Timer(() => this.abort(timeoutError(limit)));
    if (limit < Infinity) this.timer.start(limit);
  }

  /** The handshake has ended. */
  end(): void {
    this.timer.stop();
  }
}

function timeoutError(limit: number): ConnectionError {
  return new ConnectionError(
    `Cannot start TLS: handshakeTimeout of ${limit} ms expired`,
    { code: "timedOut", timeout: "handshakeTimeout" },
  );
}
