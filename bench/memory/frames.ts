import { FrameDecoder } from "../../mod.ts";
import type { Workload } from "../support/workloads.ts";

/** The frames of a workload, as views on its bytes. */
export function framesOf({ framer, bytes }: Workload): Uint8Array[] {
  const decoder = new FrameDecoder({ framer, maxFrameLength: Infinity });
  decoder.push(bytes);
  return [...decoder];
}
