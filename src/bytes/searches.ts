import { NOTHING } from "./nothing.ts";

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
  #last: Search = { delimiter: NOTHING, from: 0, to: -1 };
  readonly #all: Search[] = [this.#last];

  /**
   * What is known about where the delimiter stands from `offset` of the stream on.
   *
   * @param start What was searched before here is of no use any more.
   * @returns The search to go on with, at its `to`.
   */
  resume(delimiter: Uint8Array, offset: number, start: number): Search {
    const last = this.#last;
    if (last.to >= start || last.delimiter !== delimiter) {
      return this.#last = this.#resumeAny(delimiter, offset, start);
    }
    // Frame by frame with one delimiter, the last search is of no use any more, and serves again.
    last.from = last.to = offset;
    return last;
  }

  /** The same, among all searches that are remembered. */
  #resumeAny(delimiter: Uint8Array, offset: number, start: number): Search {
    const all = this.#all;
    let at = all.length;
    for (let index = 0; index < all.length; index++) {
      const search = all[index]!;
      if (search.from <= offset && offset <= search.to && same(search.delimiter, delimiter)) {
        return search;
      }
      if (search.to < start || at === MOST_SEARCHES) at = index;
    }
    return all[at] = { delimiter, from: offset, to: offset };
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}
