import { json } from "../codecs/json.ts";
import { afterBom } from "../framers/after_bom.ts";
import { lines } from "../framers/lines.ts";
import type { Protocol } from "../protocol.ts";

/** The options of {@link ndjson}. */
export interface NdjsonOptions {
  /**
   * Whether a last line without a line end is an error instead of a value; default `false`. A stream may be cut
   * inside a number, which then reads as another number.
   */
  readonly strict?: boolean;
}

/**
 * JSON values on lines of their own: NDJSON, which JSON Lines is, too (ndjson-spec 1.0.0, section 3).
 *
 * ```text
 *   ┌───────┬────┬───────┬────┬────┐
 *   │ value │ LF │ value │ CR │ LF │
 *   └───────┴────┴───────┴────┴────┘
 * ```
 *
 * Empty lines and a byte order mark at the beginning are ignored. A line that is not JSON is a
 * {@link CodecError}, and the next one can be read. The last line may end with the stream.
 *
 * The default limit of a value is 1 MiB, that of every protocol.
 *
 * @typeParam In A received value, which is not checked.
 * @typeParam Out A sent value; by default the same type.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { ndjson } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(ndjson<{ id: number }>());
 * decoder.push(new TextEncoder().encode('\ufeff{"id":1}\r\n\n{"id":2}'));
 * decoder.end();
 * assert.deepEqual(decoder.readAll(), [{ id: 1 }, { id: 2 }]);
 * ```
 */
export function ndjson<In = unknown, Out = In>(options: NdjsonOptions = {}): Protocol<In, Out> {
  const { strict = false } = options;
  return { framer: afterBom(lines({ strict, skipEmpty: true })), codec: json<In, Out>() };
}
