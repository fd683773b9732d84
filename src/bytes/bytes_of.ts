import { describe } from "./describe.ts";
import { isBytes } from "./is_bytes.ts";

/**
 * Returns the bytes of a chunk: a `Uint8Array`, any other view, or a buffer.
 *
 * @throws {TypeError} The chunk is anything else.
 */
export function bytesOf(chunk: unknown): Uint8Array {
  if (isBytes(chunk)) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  const tag = Object.prototype.toString.call(chunk);
  if (tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]") {
    return new Uint8Array(chunk as ArrayBuffer);
  }
  throw new TypeError(`Cannot read chunk: expected a Uint8Array, got ${describe(chunk)}`);
}
