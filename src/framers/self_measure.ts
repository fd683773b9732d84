import { byteCount } from "../bytes/byte_count.ts";
import { ByteQueue } from "../bytes/byte_queue.ts";
import type { Framer } from "./framer.ts";

/** Header and length of a frame, as its own framer measures them. */
export interface SelfMeasure {
  /** Number of bytes before the frame. */
  readonly header: number;
  /** Length of the frame, in bytes. */
  readonly length: number;
}

/**
 * Measures a frame that is to be written, as if it were the whole stream.
 *
 * @param bytes The frame with its header.
 * @returns `undefined` if its length cannot be determined.
 * @throws {TypeError} The bytes are malformed.
 */
export function selfMeasure(framer: Framer, bytes: Uint8Array): SelfMeasure | undefined {
  const input = new ByteQueue();
  input.push(bytes);
  try {
    let length = framer.measure(input);
    if (length === undefined) {
      input.finish();
      input.rewind();
      length = framer.measure(input);
    }
    return length === undefined ? undefined : { header: bytes.length - input.length, length };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot write frame: ${reason}`, { cause });
  }
}

/**
 * Rejects a frame whose own header does not match its length.
 *
 * @throws {TypeError} The header gives another length, or is malformed.
 */
export function refuseOtherLength(framer: Framer, frame: Uint8Array): void {
  const length = selfMeasure(framer, frame)?.length;
  if (length === frame.length) return;
  throw new TypeError(
    `Cannot write frame of ${byteCount(frame.length)}: its header gives ${length ?? "no length"}`,
  );
}
