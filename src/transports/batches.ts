/** Maximum number of bytes per write of a transport that does not report partial writes. */
export const MAX_BATCH = 262_144;

/** Returns the total number of bytes. */
export function lengthOf(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

/** Groups chunks into batches of at most `limit` bytes. Longer chunks are split without copying. */
export function batchesOf(chunks: readonly Uint8Array[], limit: number): Uint8Array[][] {
  const batches: Uint8Array[][] = [];
  let batch: Uint8Array[] = [];
  let room = limit;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const slice = chunk.subarray(at, at + room);
      batch.push(slice);
      at += slice.length;
      room -= slice.length;
      if (room > 0) continue;
      batches.push(batch);
      batch = [];
      room = limit;
    }
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
