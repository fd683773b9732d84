import { NOTHING } from "./nothing.ts";
import { indexIn } from "./segment.ts";
import type { SegmentList } from "./segment_list.ts";

/**
 * The progress of a search: no match begins in the stream's bytes `[from, to)`, and the `matched` bytes
 * from `to` on are the first bytes of the delimiter.
 */
export interface Search {
  delimiter: Uint8Array;
  from: number;
  to: number;
  matched: number;
  /** The result of {@link bordersOf}, once it has been needed. */
  borders: readonly number[] | undefined;
}

/** Maximum number of remembered searches that may still be useful. */
const MAX_SEARCHES = 64;

/** Whether a delimiter is short enough to be compared with the same bytes more than once. */
export function isShort(delimiter: Uint8Array): boolean {
  return delimiter.length <= 16;
}

/** The searches in a stream, remembered so that no byte is searched twice. */
export class Searches {
  /** The last two searches, since a framer often searches for two delimiters in turn. */
  #last: Search = searchFor(NOTHING, 0);
  #previous: Search = this.#last;
  readonly #all: Search[] = [this.#last];

  /**
   * Returns the search for a delimiter to continue from `offset` of the stream on.
   *
   * @param start Searches that ended before this offset are obsolete.
   */
  resume(delimiter: Uint8Array, offset: number, start: number): Search {
    if (this.#last.delimiter !== delimiter) {
      const previous = this.#last;
      this.#last = this.#previous;
      this.#previous = previous;
    }
    const last = this.#last;
    if (last.delimiter === delimiter) {
      if (last.to >= offset && last.from <= offset) return last;
      if (last.to < start) {
        // With one delimiter, each frame makes the last search obsolete: it is reused (bench:counts, W4
        // visit: 1,093 instead of 1,321).
        return restarted(last, offset);
      }
    }
    return this.#last = this.#resumeAny(delimiter, offset, start);
  }

  /** Does the same among all remembered searches. */
  #resumeAny(delimiter: Uint8Array, offset: number, start: number): Search {
    const all = this.#all;
    let at = all.length;
    let borders: Search["borders"];
    for (let index = 0; index < all.length; index++) {
      const search = all[index]!;
      if (search.from <= offset && offset <= search.to && same(search.delimiter, delimiter)) {
        return search;
      }
      if (search.delimiter === delimiter) {
        if (search.to < start) return restarted(search, offset);
        borders = search.borders;
      }
      if (search.to < start || at === MAX_SEARCHES) at = index;
    }
    return all[at] = searchFor(delimiter, offset, borders);
  }
}

/** Reuses an obsolete search for one that begins at `offset`. */
function restarted(search: Search, offset: number): Search {
  search.from = search.to = offset;
  search.matched = 0;
  return search;
}

/** Returns a search that begins at `offset`. */
function searchFor(delimiter: Uint8Array, offset: number, borders?: readonly number[]): Search {
  return { delimiter, from: offset, to: offset, matched: 0, borders };
}

/**
 * Continues a search up to `stop`, by Knuth, Morris and Pratt (1977): each byte is read once and compared with
 * the delimiter at most twice on average, however the bytes arrive (tests/linear_time_test.ts counts it).
 * While nothing matches, bytes are searched many at a time.
 *
 * @returns Offset of the first match, complete or cut off by `stop`; `stop` if there is no match.
 */
export function find(search: Search, segments: SegmentList, stop: number): number {
  const { delimiter } = search;
  const { length } = delimiter;
  if (search.to + search.matched > stop) {
    // The search has gone past `stop`, where a match that `stop` cuts off may have failed.
    search = searchFor(delimiter, Math.max(search.from, stop - length + 1), search.borders);
  }
  const sought = isShort(delimiter) ? delimiter : delimiter.subarray(0, 1);
  let { matched } = search;
  let position = search.to + matched;
  while (position < stop && matched < length) {
    const near = segments.at(position);
    const { bytes, offset } = near;
    const end = Math.min(stop - offset, near.end);
    let index = position - offset;
    let searched = false;
    while (index < end && matched < length) {
      if (matched === 0 && !searched) {
        const found = indexIn(near, sought, index, end);
        searched = found < 0;
        if (!searched) matched = sought.length;
        index = searched ? Math.max(index, end - sought.length + 1) : found + matched;
        continue;
      }
      const byte = bytes[index++];
      while (matched > 0 && byte !== delimiter[matched]) {
        matched = (search.borders ??= bordersOf(delimiter))[matched]!;
      }
      if (byte === delimiter[matched]) matched++;
    }
    position = offset + index;
  }
  search.to = position - matched;
  search.matched = matched;
  return search.to;
}

/** Returns, for each prefix of the delimiter, how many of its last bytes are also its first bytes. */
function bordersOf(delimiter: Uint8Array): number[] {
  const borders = [0, 0];
  for (let length = 2, border = 0; length <= delimiter.length; length++) {
    const byte = delimiter[length - 1];
    while (border > 0 && byte !== delimiter[border]) border = borders[border]!;
    if (byte === delimiter[border]) border++;
    borders.push(border);
  }
  return borders;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}
