import type { Codec } from "./codec.ts";
import { compose } from "./compose.ts";
import { text } from "./text.ts";

/**
 * JSON in UTF-8 (RFC 8259). Types are believed, not checked: validate what comes from strangers, for
 * example in a codec of your own behind this one (see {@link compose}).
 *
 * @typeParam Message What the JSON text stands for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { json } from "@framewright/framewright";
 *
 * const codec = json<{ id: number }>();
 * assert.deepEqual(codec.decode(codec.encode({ id: 1 })), { id: 1 });
 * ```
 */
export function json<In = unknown, Out = In>(): Codec<Uint8Array, In, Out> {
  return compose(text(), {
    decode: (text): In & ({} | null) => JSON.parse(text),
    encode(message: Out) {
      const text = JSON.stringify(message);
      if (text === undefined) throw new TypeError(`Cannot encode ${typeof message} as JSON`);
      return text;
    },
  });
}
