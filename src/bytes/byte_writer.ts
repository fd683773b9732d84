/**
 * Receives the bytes that a framer writes. Short arrays are joined, long ones are passed on without a
 * copy.
 */
export interface ByteWriter {
  /** Number of bytes written and not yet drained. */
  readonly length: number;

  /**
   * Writes bytes. Arrays shorter than 8 KiB are copied; longer ones are passed on as they are and must not
   * change before they have been sent.
   */
  write(bytes: Uint8Array): void;

  /**
   * Writes an unsigned integer.
   *
   * @param size Size in bytes.
   * @param littleEndian Whether the least significant byte comes first; default `false`.
   * @throws {RangeError} The value is not a non-negative safe integer that fits in `size` bytes.
   */
  writeUint(value: number, size: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8, littleEndian?: boolean): void;

  /**
   * Returns a byte that was written and not yet drained.
   *
   * @param position Its position, counted from the first byte not yet drained.
   * @returns The byte; `undefined` beyond the last one.
   */
  peek(position: number): number | undefined;
}
