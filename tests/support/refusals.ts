import { MalformedFrameError } from "../../mod.ts";
import type { ProtocolCase } from "../../testing.ts";

/** Returns the cases of streams that are malformed from their first message on. */
export function refusals<In>(...streams: readonly (readonly string[])[]): ProtocolCase<In>[] {
  return streams.flat().map((stream) => ({
    messages: [],
    bytes: stream,
    error: MalformedFrameError,
  }));
}
