import { NOTHING } from "../bytes/nothing.ts";
import type { Framer } from "./framer.ts";

/**
 * One frame: everything that the peer sends before it closes. A stream without bytes has no frame.
 *
 * ```text
 *   ┌───────┐
 *   │ frame │ end of stream
 *   └───────┘
 * ```
 *
 * When sending, call `closeWrite()` after the frame to end it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, text, untilClose } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: untilClose(), codec: text() });
 * decoder.push(new TextEncoder().encode("all "));
 * decoder.push(new TextEncoder().encode("of it"));
 * assert.equal(decoder.read(), undefined);
 * decoder.end();
 * assert.equal(decoder.read(), "all of it");
 * ```
 */
export function untilClose(): Framer {
  return {
    measure: (input) => input.find(NOTHING),
    write: (frame, output) => output.write(frame),
  };
}
