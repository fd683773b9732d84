import type { Codec } from "./codec.ts";
import { compose } from "./compose.ts";
import { text } from "./text.ts";

/**
 * JSON in UTF-8 (RFC 8259). Types are not checked: validate messages from an untrusted peer, for example in
 * a codec of your own that is combined with this one (see {@link compose}).
 *
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
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
  return compose(text(), jsonText<In, Out>());
}

/** JSON as a string. */
export function jsonText<In, Out>(): Codec<string, In, Out> {
  return {
    decode: (text): In & ({} | null) => JSON.parse(text),
    encode(message: Out) {
      const text = JSON.stringify(message);
      if (text === undefined) throw new TypeError(`Cannot encode ${typeof message} as JSON`);
      return text;
    },
  };
}
