import { asymmetric } from "../asymmetric.ts";
import { json } from "../codecs/json.ts";
import { lengthPrefixed } from "../framers/length_prefixed.ts";
import { uint32LE } from "../framers/lengths/uint.ts";
import type { Protocol } from "../protocol.ts";

/** The options of {@link nativeMessaging}. */
export interface NativeMessagingOptions {
  /** This side: `"host"`, the default, is the program that the browser starts. */
  readonly side?: "host" | "browser";
}

/** Maximum lengths of JSON, in bytes. */
const FROM_HOST = 2 ** 20;
const FROM_BROWSER = 64 * 2 ** 20;

/**
 * Native messaging: JSON between a browser extension and a program, on its standard streams (Chrome for
 * Developers, "Native messaging protocol"; MDN, "Native messaging").
 *
 * ```text
 *   ┌─────────────┬──────┐
 *   │ length (LE) │ JSON │
 *   └─────────────┴──────┘
 *     4
 * ```
 *
 * The length is in the machine's byte order; all machines that run browsers are little-endian. The limits are
 * Chrome's own: 1 MiB from the program, which is Firefox's too, and 64 MiB from the browser.
 *
 * @typeParam In A received message, which is not checked.
 * @typeParam Out A sent message; by default the same type.
 * @throws {RangeError} `side` is neither `"host"` nor `"browser"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { nativeMessaging } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(nativeMessaging<{ id: number }>());
 * decoder.push(Uint8Array.of(8, 0, 0, 0));
 * decoder.push(new TextEncoder().encode('{"id":1}'));
 * assert.deepEqual(decoder.read(), { id: 1 });
 * ```
 */
export function nativeMessaging<In = unknown, Out = In>(
  options: NativeMessagingOptions = {},
): Protocol<In, Out> {
  const { side = "host" } = options;
  if (side !== "host" && side !== "browser") {
    throw new RangeError(`Invalid side ${side}: expected "host" or "browser"`);
  }
  const host = side === "host";
  const parts = { framer: lengthPrefixed(uint32LE), codec: json<In, Out>() };
  return asymmetric({
    read: { ...parts, maxFrameLength: host ? FROM_BROWSER : FROM_HOST },
    write: { ...parts, maxFrameLength: host ? FROM_HOST : FROM_BROWSER },
  });
}
