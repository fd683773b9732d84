/**
 * Rejects an empty frame, which a reader would skip.
 *
 * @throws {TypeError} The frame is empty.
 */
export function refuseEmpty(frame: Uint8Array): void {
  if (frame.length === 0) {
    throw new TypeError("Cannot write frame: it is empty, and skipEmpty is set");
  }
}
