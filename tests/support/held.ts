import type { ByteQueue } from "../../src/bytes/byte_queue.ts";
import type { SegmentList } from "../../src/bytes/segment_list.ts";

/** Returns how many bytes the arrays have that a queue holds. */
export function heldBy(queue: ByteQueue): number {
  const buffers = new Set([queue.taken.buffer]);
  const segments = Reflect.get(queue, "segments") as SegmentList;
  for (let one: SegmentList["head"] | undefined = segments.head; one; one = one.next) {
    buffers.add(one.bytes.buffer);
  }
  const lent = Reflect.get(queue, "lent") as Uint8Array | undefined;
  if (lent !== undefined) buffers.add(lent.buffer);
  let sum = 0;
  for (const { byteLength } of buffers) sum += byteLength;
  return sum;
}
