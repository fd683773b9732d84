import type { ByteQueue } from "../../src/bytes/byte_queue.ts";
import type { SegmentList } from "../../src/bytes/segment_list.ts";

/** Returns the total size in bytes of the buffers that a queue references. */
export function heldBy(queue: ByteQueue): number {
  const buffers = new Set([queue.taken.buffer]);
  const segments = Reflect.get(queue, "segments") as SegmentList;
  let segment: SegmentList["head"] | undefined = segments.head;
  for (; segment; segment = segment.next) buffers.add(segment.bytes.buffer);
  const lent = Reflect.get(queue, "lent") as Uint8Array | undefined;
  if (lent !== undefined) buffers.add(lent.buffer);
  let total = 0;
  for (const { byteLength } of buffers) total += byteLength;
  return total;
}
