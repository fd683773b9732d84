import { Buffer } from "node:buffer";
import { chunksOf, type Workload } from "../../support/workloads.ts";

/** The chunks of a stream as Node's sockets deliver them. */
export function buffersOf(work: Workload): Buffer[] {
  return chunksOf(work).map(({ buffer, byteOffset, length }) =>
    Buffer.from(buffer as ArrayBuffer, byteOffset, length)
  );
}
