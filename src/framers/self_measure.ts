import { ByteQueue } from "../bytes/byte_queue.ts";
import type { Framer } from "./framer.ts";

/** What a framer says about bytes that hold one frame. */
export interface SelfMeasure {
  /** Number of bytes before the frame. */
  readonly header: number;
  /** Length of the frame, in bytes. */
  readonly length: number;
}

/**
 * Measures bytes that are to be written with the framer that will read them, as a stream that ends after
 * them.
 *
 * @returns `undefined` if the bytes do not tell.
 * @throws {TypeError} The bytes are malformed.
 */
export function selfMeasure(framer: Framer, bytes: Uint8Array): SelfMeasure | undefined {
  const input = new ByteQueue();
  input.push(bytes);
  try {
    let length = framer.measure(input);
    if (length === undefined) {
      input.rewind(true);
      length = framer.measure(input);
    }
    return length === undefined ? undefined : { header: bytes.length - input.length, length };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot write frame: ${reason}`, { cause });
  }
}
