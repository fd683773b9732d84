/** Foreign calls in progress. They may throw, return no promise, or never settle. */
export class PendingCalls {
  readonly #rejects: Set<(error: unknown) => void> = new Set();
  #abandoned: { readonly error: unknown } | undefined = undefined;

  /** Makes a call. Settles with its result, or when all calls are abandoned. */
  run<Result>(call: () => PromiseLike<Result> | Result): Promise<Result> {
    if (this.#abandoned !== undefined) return Promise.reject(this.#abandoned.error);
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      attempt(call).finally(() => this.#rejects.delete(reject)).then(resolve, reject);
    });
  }

  /** Rejects all calls in progress, and later ones without making them. */
  abandon(error: unknown): void {
    this.#abandoned = { error };
    for (const reject of this.#rejects) reject(error);
  }
}

/** Makes a foreign call whose failure does not matter. */
export function ignore(call: () => unknown): void {
  attempt(call).catch(() => {});
}

/** Makes a foreign call. An exception becomes a rejection. */
async function attempt<Result>(call: () => PromiseLike<Result> | Result): Promise<Result> {
  return await call();
}
