import { concat } from "../bytes/concat.ts";
import { lengthPrefixed } from "../framers/length_prefixed.ts";
import { uint16 } from "../framers/lengths/uint.ts";
import type { Protocol } from "../protocol.ts";
import { type Part, part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";

const MAX_CHUNK = 65_535;

/**
 * Bolt, the protocol of Neo4j, for clients and servers, after the handshake (Bolt Protocol documentation,
 * "Message transfer encoding"). See {@link boltHandshake} for what comes before.
 *
 * ```text
 *   ┌────────┬───────┬────────┬───────┬───────┐
 *   │ length │ chunk │ length │ chunk │ 00 00 │
 *   └────────┴───────┴────────┴───────┴───────┘
 *     2                2
 * ```
 *
 * A message is the bytes of its chunks: a structure of PackStream. An empty message, `00 00` alone, keeps the
 * connection alive. Bolt has no limit; the default is 1 MiB.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { bolt } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(bolt());
 * decoder.push(Uint8Array.of(0, 2, 0xb0, 0x0f, 0, 0));
 * assert.deepEqual(decoder.read(), Uint8Array.of(0xb0, 0x0f)); // RESET
 * ```
 */
export function bolt(): Protocol {
  const chunk = part(lengthPrefixed(uint16));
  return sequence({
    *read(): Generator<Part, Uint8Array, unknown> {
      const first = yield* chunk;
      if (first.length === 0) return first;
      const second = yield* chunk;
      if (second.length === 0) return first;
      const chunks = [first, second];
      for (let next = yield* chunk; next.length > 0; next = yield* chunk) chunks.push(next);
      return concat(chunks);
    },
    write(message: Uint8Array, output) {
      for (let at = 0; at < message.length; at += MAX_CHUNK) {
        const chunk = message.subarray(at, at + MAX_CHUNK);
        output.writeUint(chunk.length, 2);
        output.write(chunk);
      }
      output.writeUint(0, 2);
    },
  });
}
