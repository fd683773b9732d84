/**
 * Where a framer writes the bytes of its frames: small ones are joined, large ones are passed on without
 * a copy.
 */
export interface ByteWriter {
  /** Number of bytes written and not yet drained. */
  readonly length: number;

  /**
   * Writes bytes. Less than 8 KiB are copied; longer arrays are passed on as they are and must not
   * change before they are sent.
   */
  write(bytes: Uint8Array): void;

  /**
   * Writes an unsigned integer.
   *
   * @param size Number of bytes it takes.
   * @param littleEndian Whether the least significant byte comes first; default `false`.
   * @throws {RangeError} The value is not an integer from 0 that fits in `size` bytes and 2^53 - 1.
   */
  writeUint(value: number, size: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8, littleEndian?: boolean): void;

  /**
   * Looks at a byte that was written and not yet drained.
   *
   * @param position Its position, counted from the first of them.
   * @returns The byte; `undefined` beyond the last one.
   */
  peek(position: number): number | undefined;
}
