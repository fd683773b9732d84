/** Calls under way that may never settle by themselves, but do when they are given up. */
export class PendingCalls {
  readonly #rejects: Set<(error: unknown) => void> = new Set();

  /** How many there are. */
  get size(): number {
    return this.#rejects.size;
  }

  /** Settles as the promise does, or when it is given up. */
  add<Result>(promise: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      promise.finally(() => this.#rejects.delete(reject)).then(resolve, reject);
    });
  }

  /** Rejects all of them. */
  giveUp(error: unknown): void {
    for (const reject of this.#rejects) reject(error);
  }
}
