import { Buffer } from "node:buffer";
import { chunksOf, type Workload } from "../../support/workloads.ts";

/**
 * Loads a package of `bench/packages/package.json`.
 *
 * @typeParam Module The exports that are used, declared here so that type checks need no packages.
 */
export async function load<Module>(name: string): Promise<Module> {
  return await import(name);
}

/** Returns the chunks of a stream as Node's sockets deliver them. */
export function buffersOf(work: Workload): Buffer[] {
  return chunksOf(work).map(({ buffer, byteOffset, length }) =>
    Buffer.from(buffer as ArrayBuffer, byteOffset, length)
  );
}
