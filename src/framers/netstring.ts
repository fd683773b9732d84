import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "./framer.ts";
import { decimalUntil } from "./lengths/digits.ts";

const ZERO = 0x30;
const COMMA = /* @__PURE__ */ Uint8Array.of(0x2c);

/**
 * Netstrings: the length in decimal without leading zeros, a colon, the frame, and a comma
 * (D. J. Bernstein, "Netstrings", 1997).
 *
 * ```text
 *   ┌────────┬─────┬───────┬─────┐
 *   │ digits │ ":" │ frame │ "," │
 *   └────────┴─────┴───────┴─────┘
 * ```
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, netstring, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: netstring(), codec: text() });
 * decoder.push(new TextEncoder().encode("12:hello world!,0:,"));
 * assert.deepEqual([...decoder], ["hello world!", ""]);
 * ```
 */
export function netstring(): Framer {
  const prefix = decimalUntil(":");
  return {
    measure(input) {
      if (input.peek() === ZERO && isDigit(input.peek(1))) {
        throw new MalformedFrameError("length has a leading zero");
      }
      const length = prefix.read(input);
      if (length === undefined) return undefined;
      input.expect(COMMA);
      return length;
    },
    write(frame, output) {
      prefix.write(frame.length, output);
      output.write(frame);
      output.write(COMMA);
    },
    announce(length, output) {
      prefix.write(length, output);
      return COMMA;
    },
  };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
