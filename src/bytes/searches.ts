/** No match of the delimiter begins in the stream's bytes `[from, to)`. */
export interface Search {
  delimiter: Uint8Array;
  from: number;
  to: number;
}

/** How many searches are remembered that may still be of use. */
const MOST_SEARCHES = 64;

/** What is known of where delimiters do not stand, so that no byte is searched twice. */
export class Searches {
  readonly #all: Search[] = [];

  /**
   * What is known about where the delimiter stands from `offset` of the stream on.
   *
   * @param start What was searched before here is of no use any more.
   * @returns The search to go on with, at its `to`.
   */
  resume(delimiter: Uint8Array, offset: number, start: number): Search {
    const all = this.#all;
    let spare: Search | undefined;
    for (let index = 0; index < all.length; index++) {
      const search = all[index]!;
      if (search.from <= offset && offset <= search.to && same(search.delimiter, delimiter)) {
        return search;
      }
      if (spare === undefined || search.to < spare.to) spare = search;
    }
    if (spare === undefined || (spare.to >= start && all.length < MOST_SEARCHES)) {
      all.push(spare = { delimiter, from: offset, to: offset });
    }
    spare.delimiter = delimiter;
    spare.from = spare.to = offset;
    return spare;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}
