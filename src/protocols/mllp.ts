import { marked } from "../framers/marked.ts";
import type { Protocol } from "../protocol.ts";

/**
 * Messages of HL7 in the minimal lower layer protocol (HL7 Version 2, "Transport Specification: MLLP", Release 1,
 * block format).
 *
 * ```text
 *   ┌────┬─────────┬────┬────┐
 *   │ 0b │ message │ 1c │ 0d │
 *   └────┴─────────┴────┴────┘
 * ```
 *
 * A message is bytes, since its segment MSH names its character set. It cannot contain 1c 0d. Bytes between messages
 * are discarded and reported to `onInvalid`. The default limit is 16 MiB: messages may contain whole documents.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { mllp } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(mllp());
 * decoder.push(new TextEncoder().encode("\x0bMSH|^~\\&|\r\x1c\r"));
 * assert.equal(new TextDecoder().decode(decoder.read()), "MSH|^~\\&|\r");
 * ```
 */
export function mllp(): Protocol {
  return {
    framer: marked("\x0b", "\x1c\r", { noise: "skip" }),
    maxFrameLength: 16 * 2 ** 20,
  };
}
