/** Chunks as they would arrive, each a turn of the microtasks later. */
export function arriving(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  let at = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = chunks[at++];
        return Promise.resolve(
          value === undefined ? { done: true, value } : { done: false, value },
        );
      },
    }),
  };
}
