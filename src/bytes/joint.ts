import { NOTHING } from "./nothing.ts";

/** Fresh memory for a frame of this length costs more than the copy into it: the system gives it by pages. */
const LONG_FRAME = 65_536;

/** Memory for shorter ones is cut from pieces of up to this length: one by one it is dear from 64 bytes on. */
const LARGEST_PIECE = 16_384;

/**
 * The memory where frames are joined that lie in several segments. Short ones are cut from one piece, a
 * long one's memory is used again unless the frame was kept.
 */
export class Joint {
  bytes: Uint8Array = NOTHING;
  /** From here on it is free. */
  used = 0;

  /** Makes room for `length` bytes, and returns where in `bytes` it begins. */
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

  /** Releases memory that is too long for a frame of `length` bytes. */
  trim(length: number): void {
    if (this.bytes.length > Math.max(length * 4, LARGEST_PIECE)) this.bytes = NOTHING;
  }
}
