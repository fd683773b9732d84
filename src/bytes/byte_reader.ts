/**
 * The bytes that have arrived and belong to no frame yet, as a framer sees them: framers look, they never
 * take. A framer that answers "not yet" leaves the reader as it found it: it moves the cursor back, and neither
 * drops nor expects anything. Only `atLeast` and `memo` stay with that answer.
 *
 * With 65,536 bytes of a frame, a framer must answer, or say by `find`, `atLeast` or `memo` how long the frame
 * is at least: otherwise the frame is malformed, however its bytes were cut. Of a frame over the limit
 * that is skipped, a framer may look at the first 65,536 and at the last 65,536 bytes.
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
   * Whether no more bytes will arrive, and the framer has answered "not yet" without that knowledge: it is
   * first asked as if more bytes were to come, however the bytes arrived.
   */
  readonly ended: boolean;

  /** Position of the cursor in the stream, counted from the stream's first byte. */
  readonly offset: number;

  /**
   * Looks at one byte.
   *
   * @param offset Position relative to the cursor; default 0.
   * @returns The byte; `undefined` if it has not arrived.
   */
  peek(offset?: number): number | undefined;

  /**
   * Reads an unsigned integer and moves the cursor past it. Bytes in front of the cursor are the
   * frame's header: the frame begins where the cursor stops.
   *
   * @param size Number of bytes it has.
   * @param littleEndian Whether the least significant byte comes first; default `false`.
   * @returns The integer; `undefined`, with the cursor unmoved, if too few bytes have arrived.
   */
  readUint(size: 1 | 2 | 3 | 4 | 5 | 6, littleEndian?: boolean): number | undefined;

  /**
   * Moves the cursor, so that `count` more bytes are left out in front of the frame. A negative count
   * moves it back, so that bytes that were read stay in the frame.
   */
  skip(count: number): void;

  /**
   * Finds where a delimiter begins. No byte is searched twice, however often the same question is asked.
   * The empty delimiter is the end of the stream.
   *
   * @param delimiter What to search for. Keep one array and pass it each time.
   * @returns Its offset relative to the cursor; `undefined` if it has not arrived.
   */
  find(delimiter: Uint8Array, options?: FindOptions): number | undefined;

  /**
   * Returns the next bytes in one piece.
   *
   * @returns A view, or a copy if they arrived in several chunks; `undefined` if too few have arrived.
   */
  look(count: number): Uint8Array | undefined;

  /**
   * Leaves out bytes after the frame, such as a delimiter. The frame is complete when they have arrived.
   *
   * @param count Number of bytes.
   * @throws {RangeError} The count is negative or not an integer.
   */
  drop(count: number): void;

  /**
   * Leaves out a trailer after the frame that must consist of these bytes: if others arrive, the frame is
   * malformed.
   *
   * @throws {TypeError} A trailer is expected already.
   */
  expect(trailer: Uint8Array): void;

  /**
   * With the answer "not yet", says that the frame will be at least `count` bytes long, so that a frame
   * over the limit is refused before it has arrived. It overrides what {@link ByteReader.find} implies.
   */
  atLeast(count: number): void;

  /**
   * Offset relative to the cursor at which the frame ends at the earliest, as `find`, `atLeast` and `memo`
   * imply it so far. A framer that keeps a byte in front of another framer's frame puts the cursor back
   * and states it: `input.atLeast(input.earliestEnd)`.
   */
  readonly earliestEnd: number;

  /**
   * For a framer that must scan: what it leaves here with the answer "not yet" is here when it is asked
   * again about the same frame, and gone when the frame is taken. Unless `find` or `atLeast` say
   * otherwise, all bytes from the cursor on then count as part of the frame. When a frame is refused, the
   * framer is asked about shorter beginnings of it, without a memo at first.
   */
  memo: unknown;
}

/** The options of {@link ByteReader.find}. */
export interface FindOptions {
  /** Where the search begins, relative to the cursor; default 0. */
  readonly from?: number;
  /**
   * Maximum offset at which the delimiter may begin. It marks a search inside a header: without it the
   * search is for the end of the frame, and the decoder stops it when the frame is certainly too long.
   */
  readonly within?: number;
  /**
   * Whether to return where an incomplete match begins, cut off by the last byte that has arrived, if
   * there is no complete one; default `false`.
   */
  readonly partial?: boolean;
}
