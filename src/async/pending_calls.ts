/** Calls of foreign code in progress. They may throw, return no promise, or never settle. */
export class PendingCalls {
  readonly #rejects: Set<(error: unknown) => void> = new Set();
  #abandoned: { readonly error: unknown } | undefined;

  /** Makes a call. Settles with its result, or rejects when all calls are abandoned. */
  run<Result>(call: () => PromiseLike<Result> | Result): Promise<Result> {
    if (this.#abandoned !== undefined) return Promise.reject(this.#abandoned.error);
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      const result = callAsync(call);
      result.then(resolve, reject);
      const settled = () => this.#rejects.delete(reject);
      result.then(settled, settled);
    });
  }

  /** Rejects all calls in progress, and all later ones without making them. */
  abandon(error: unknown): void {
    this.#abandoned = { error };
    for (const reject of this.#rejects) reject(error);
  }
}

/** Makes a call of foreign code and ignores its failure. */
export function ignoreFailure(call: () => unknown): void {
  callAsync(call).catch(() => {});
}

/** Makes a call of foreign code, and turns an exception into a rejection. */
function callAsync<Result>(call: () => PromiseLike<Result> | Result): Promise<Result> {
  return new Promise((resolve) => resolve(call()));
}
