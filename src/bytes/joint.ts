import { NOTHING } from "./nothing.ts";

/** From this length on, fresh memory costs more than the copy into it: the system maps it page by page. */
const LONG_FRAME = 65_536;

/** Maximum length of a piece that shorter frames share: V8 allocates arrays over 64 bytes outside its heap. */
const LARGEST_PIECE = 16_384;

/**
 * The memory of frames that span several segments and are copied into one piece. Short frames share a piece;
 * the memory of a long frame is reused unless the frame was kept.
 */
export class Joint {
  bytes: Uint8Array = NOTHING;
  /** Position of the first free byte. */
  used = 0;

  /** Reserves `length` bytes and returns their position in `bytes`. */
  take(length: number): number {
    const size = this.bytes.length;
    if (length > size - this.used || size > Math.max(length * 4, LARGEST_PIECE)) {
      this.bytes = new Uint8Array(Math.max(length, Math.min(size * 2, LARGEST_PIECE)));
      this.used = 0;
    }
    const at = this.used;
    if (length < LONG_FRAME) this.used += length;
    return at;
  }

  /** Releases memory that is much too long for a frame of `length` bytes. */
  trim(length: number): void {
    if (this.bytes.length > Math.max(length * 4, LARGEST_PIECE)) this.bytes = NOTHING;
  }
}
