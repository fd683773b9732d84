/**
 * The bytes that have arrived and belong to no frame yet, as a framer sees them. Framers look at bytes, and
 * remove only those that belong to no frame. A framer that answers "not yet" leaves the reader as it found it:
 * the cursor where it was, nothing dropped, nothing expected. Only `discard`, `atLeast` and `memo` may
 * accompany that answer.
 *
 * Given 65,536 bytes of a frame, a framer must answer, or imply a minimum length by `find`, `atLeast` or
 * `memo`: otherwise the frame is malformed, however its bytes are split into chunks. While a frame over
 * the limit is being skipped, a framer may look only at its first and last 65,536 bytes.
 *
 * ```text
 *   ┌─ header ─┬──── frame ────┬─ dropped ─┬─ next header …
 *   └──────────┴───────────────┴───────────┴───────────────
 *              ▲ cursor: readUint and skip move it here
 * ```
 */
export interface ByteReader {
  /** Number of bytes from the cursor to the last one that has arrived. */
  readonly length: number;

  /**
   * Whether the stream has ended. A framer is always asked with `false` first, and with `true` only after it
   * has answered "not yet".
   */
  readonly ended: boolean;

  /** Position of the cursor in the stream, counted from the stream's first byte. */
  readonly offset: number;

  /**
   * Returns a byte without moving the cursor.
   *
   * @param offset Position relative to the cursor; default 0.
   * @returns The byte; `undefined` if it has not arrived.
   */
  peek(offset?: number): number | undefined;

  /**
   * Reads an unsigned integer and moves the cursor past it. Bytes before the cursor are the frame's header:
   * the frame begins where the cursor stops.
   *
   * @param size Size in bytes.
   * @param littleEndian Whether the least significant byte comes first; default `false`.
   * @returns The integer; `undefined`, with the cursor unmoved, if too few bytes have arrived.
   */
  readUint(size: 1 | 2 | 3 | 4 | 5 | 6, littleEndian?: boolean): number | undefined;

  /**
   * Moves the cursor forward, so that `count` more bytes belong to the header and not to the frame. A
   * negative count moves it back, so that the frame includes bytes that have been read.
   */
  skip(count: number): void;

  /**
   * Finds a delimiter. No byte is searched twice, however often the same search is repeated. An empty
   * delimiter matches the end of the stream.
   *
   * @param delimiter The bytes to search for. Pass the same array each time.
   * @returns Its offset relative to the cursor; `undefined` if it has not arrived.
   */
  find(delimiter: Uint8Array, options?: FindOptions): number | undefined;

  /**
   * Returns the next `count` bytes in one piece, without moving the cursor.
   *
   * @returns A view, or a copy if they arrived in several chunks; `undefined` if too few have arrived.
   */
  look(count: number): Uint8Array | undefined;

  /**
   * Drops bytes after the frame, such as a delimiter. The frame is complete when they have arrived.
   *
   * @param count Number of bytes.
   * @throws {RangeError} The count is negative or not an integer.
   */
  drop(count: number): void;

  /**
   * Drops a trailer after the frame, which must consist of these bytes: if others arrive, the frame is
   * malformed. Several trailers follow one another.
   *
   * An optional trailer is dropped if it comes next. The frame is complete without it, and it is dropped
   * whenever it arrives, even if another framer reads the next frame.
   *
   * @param trailer The bytes, which must not change.
   */
  expect(trailer: Uint8Array, options?: ExpectOptions): void;

  /**
   * Discards bytes before the frame that belong to no frame, such as blank lines, heartbeats, or noise before
   * a begin mark. They are gone at once: they count toward no limit, and the stream may end after them. The
   * frame begins after them, without a memo. The framer is asked about it again, whatever it answers.
   *
   * @param count Number of bytes, all of which have arrived.
   * @param reason Why the bytes are invalid. One {@link MalformedFrameError} is then reported to `onInvalid`
   * for each run of adjacent bytes, at its first byte; bytes that are discarded without a reason right after
   * it belong to it. Default: nothing is reported.
   * @throws {RangeError} The count is not an integer from 0 to `length`.
   * @throws {FramingError} The cursor has passed the first byte of the frame.
   */
  discard(count: number, reason?: string): void;

  /**
   * Together with the answer "not yet", sets the minimum length of the frame in bytes, so that a frame over
   * the limit is refused before it has arrived. It overrides the length that {@link ByteReader.find} implies.
   */
  atLeast(count: number): void;

  /**
   * Earliest possible end of the frame, relative to the cursor, as `find`, `atLeast` and `memo` imply it so
   * far. A framer that keeps a byte before the frame of another framer moves the cursor back and then calls
   * `input.atLeast(input.earliestEnd)`.
   */
  readonly earliestEnd: number;

  /**
   * The state of a framer that must scan. A value set with the answer "not yet" is kept until the framer is
   * asked again about the same frame, and cleared when the frame is taken. Unless `find` or `atLeast` imply
   * otherwise, all bytes from the cursor on then count as part of the frame. When a frame is refused, the
   * framer is asked about shorter prefixes of it, at first without a memo.
   */
  memo: unknown;
}

/** The options of {@link ByteReader.expect}. */
export interface ExpectOptions {
  /** Whether the frame is complete without the trailer; default `false`. */
  readonly optional?: boolean;
}

/** The options of {@link ByteReader.find}. */
export interface FindOptions {
  /** Offset at which the search begins, relative to the cursor; default 0. */
  readonly from?: number;
  /**
   * Maximum offset at which the delimiter may begin, for a search inside a header. Without it the search is
   * for the end of the frame, and the decoder stops it when the frame is certainly too long.
   */
  readonly within?: number;
  /**
   * Whether to return the offset of an incomplete match at the end of the bytes that have arrived, if there
   * is no complete match; default `false`.
   */
  readonly partial?: boolean;
}
