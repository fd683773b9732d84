import type { CloseReason } from "./close_reason.ts";

/** Keeps how a connection comes to its end: what went wrong first counts, else which side ended first. */
export class Ending {
  #closed: Promise<CloseReason> | undefined = undefined;
  #tell: ((reason: CloseReason) => void) | undefined = undefined;
  #first: "local" | "remote" | undefined = undefined;
  #failure: CloseReason | undefined = undefined;
  /** The reason, once the connection is closed. */
  #reason: CloseReason | undefined = undefined;

  /** Resolves with the reason when the connection is closed. */
  get closed(): Promise<CloseReason> {
    return this.#closed ??= this.#reason === undefined
      ? new Promise((resolve) => this.#tell = resolve)
      : Promise.resolve(this.#reason);
  }

  /** The connection is closed. */
  get over(): boolean {
    return this.#reason !== undefined;
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
    if (this.#reason !== undefined) return undefined;
    this.#reason = this.#failure ?? this.#first ?? "local";
    this.#tell?.(this.#reason);
    return this.#reason;
  }
}
