/**
 * The bytes that have arrived and belong to no frame yet, as a framer sees them: to look at, not to
 * take. Whatever a framer does here is undone when it says "not yet".
 *
 * ```text
 *   ┌─ header ─┬──── frame ────┬─ dropped ─┬─ next header …
 *   └──────────┴───────────────┴───────────┴───────────────
 *              ▲ cursor: readUint and skip move it here
 * ```
 */
export interface ByteReader {
  /** How many bytes have arrived behind the cursor. */
  readonly length: number;

  /**
   * The peer has sent its last byte, and the framer said "not yet" to all that came before. So a
   * framer is first asked as if more were to come, however the bytes arrived.
   */
  readonly ended: boolean;

  /**
   * Looks at one byte.
   *
   * @param offset How far behind the cursor; default 0.
   * @returns The byte; `undefined` when it has not arrived.
   */
  peek(offset?: number): number | undefined;

  /**
   * Reads an unsigned integer and moves the cursor behind it. What is read so is the frame's header:
   * the frame begins where reading stopped.
   *
   * @param size How many bytes it has.
   * @param littleEndian Whether the least significant byte comes first; default `false`.
   * @returns The integer; `undefined`, the cursor unmoved, when too few bytes have arrived.
   */
  readUint(size: 1 | 2 | 3 | 4 | 5 | 6, littleEndian?: boolean): number | undefined;

  /**
   * Moves the cursor without looking: `count` bytes are left out in front of the frame. A negative
   * count moves it back over what was read, which so stays in the frame. Move it back before "not yet"
   * too: the limit holds for what is behind the cursor then.
   */
  skip(count: number): void;

  /**
   * Finds where a delimiter begins behind the cursor. Searches no byte twice, however often the same
   * question is asked. The empty delimiter is the end of the stream.
   *
   * @param delimiter What to look for. Keep one array and pass it each time.
   * @param within How many bytes may stand before it, for a search that is not about the frame but
   * about its header. Without it the search is for the end of the frame, and the decoder ends it when
   * the frame is certainly too long.
   * @returns The offset behind the cursor; `undefined` when it is not there (yet).
   */
  find(delimiter: Uint8Array, within?: number): number | undefined;

  /**
   * The next bytes in one piece, to look at.
   *
   * @returns A view; a copy where they arrived in several chunks; `undefined` when too few arrived.
   */
  look(count: number): Uint8Array | undefined;

  /**
   * Leaves out bytes behind the frame, such as a delimiter. The frame is whole when they are there too.
   *
   * @param trailer How many bytes; or the very bytes that must stand there, else the frame is malformed.
   * @throws {TypeError} Such bytes have been demanded already.
   */
  drop(trailer: number | Uint8Array): void;

  /**
   * For a framer that must scan: what it leaves here when it says "not yet" is here when it is asked
   * again about the same frame, and gone when the frame is taken. All that has arrived behind the
   * cursor then counts as part of the frame.
   */
  memo: unknown;
}
