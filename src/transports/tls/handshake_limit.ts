import { Timer } from "../../async/timer.ts";
import { ConnectionError } from "../../errors.ts";

/** The time limit of a TLS handshake, which aborts it. */
export class HandshakeLimit {
  readonly #controller: AbortController = new AbortController();
  readonly #timer: Timer;

  /** @param limit Milliseconds from now on; `Infinity`: no limit. */
  constructor(limit: number) {
    this.#timer = new Timer(() => this.abort(timeoutError(limit)));
    if (limit < Infinity) this.#timer.start(limit);
  }

  /** Aborted with the error to report. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts the handshake. */
  abort(error: ConnectionError): void {
    this.#controller.abort(error);
  }

  /** The handshake has ended. */
  end(): void {
    this.#timer.stop();
  }

  /** Keeps the process running during the handshake (the default). */
  ref(): void {
    this.#timer.ref();
  }

  /** Lets the process exit during the handshake. */
  unref(): void {
    this.#timer.unref();
  }
}

function timeoutError(limit: number): ConnectionError {
  return new ConnectionError(
    `Cannot start TLS: handshakeTimeout of ${limit} ms expired`,
    { code: "timedOut", timeout: "handshakeTimeout" },
  );
}
