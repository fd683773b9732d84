import type { CloseReason } from "./close_reason.ts";
import { Deferred } from "./deferred.ts";

/** Keeps how a connection comes to its end: what went wrong first counts, else which side ended first. */
export class Ending {
  readonly #closed: Deferred<CloseReason> = new Deferred<CloseReason>();
  #first: "local" | "remote" | undefined = undefined;
  #failure: CloseReason | undefined = undefined;
  #over = false;

  /** Resolves with the reason when the connection is closed. */
  get closed(): Promise<CloseReason> {
    return this.#closed.promise;
  }

  /** The connection is closed. */
  get over(): boolean {
    return this.#over;
  }

  /** One side has said that it sends no more. */
  begin(side: "local" | "remote"): void {
    this.#first ??= side;
  }

  /** Something went wrong, or somebody gave up. */
  fail(reason: CloseReason): void {
    this.#failure ??= reason;
  }

  /** The connection is closed now. Returns the reason, the first time. */
  finish(): CloseReason | undefined {
    if (this.#over) return undefined;
    this.#over = true;
    const reason = this.#failure ?? this.#first ?? "local";
    this.#closed.resolve(reason);
    return reason;
  }
}
