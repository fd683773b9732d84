import { Deferred } from "../async/deferred.ts";
import { WriteQueue } from "../bytes/write_queue.ts";
import type { Section } from "./backlog.ts";

/** The plain text that was sent before a TLS upgrade. It is complete when the upgrade is. */
export class PlainText implements Section {
  readonly queue: WriteQueue = new WriteQueue();
  complete = false;
  readonly #written: Deferred = new Deferred();

  /** Resolves when the system has accepted the plain text. */
  get written(): Promise<void> {
    return this.#written.promise;
  }

  proceed(pending: number): void {
    if (pending === 0) this.#written.resolve();
  }

  fail(error: unknown): void {
    this.#written.reject(error);
  }
}
