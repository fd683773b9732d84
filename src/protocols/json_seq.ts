import { compose } from "../codecs/compose.ts";
import type { Codec } from "../codecs/codec.ts";
import { jsonText } from "../codecs/json.ts";
import { text } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { isSpace, JsonScan, SEPARATOR } from "./json_scan.ts";

const RS = /* @__PURE__ */ Uint8Array.of(SEPARATOR);
const LF = /* @__PURE__ */ Uint8Array.of(0x0a);

/**
 * JSON text sequences (RFC 7464), which GeoJSON text sequences are, too (RFC 8142): each value has a record
 * separator before it, and a line feed after it.
 *
 * ```text
 *   ┌────┬───────┬────┬────┬───────┬────┐
 *   │ RS │ value │ LF │ RS │ value │ LF │    RS is the byte 1E
 *   └────┴───────┴────┴────┴───────┴────┘
 * ```
 *
 * A value may have several lines. It is read as soon as its end has arrived. A cut value costs only itself: it is a
 * {@link CodecError}, and the value after the next separator can be read (section 2.3). This includes a number or a
 * literal without white space after it (section 2.4). Other bytes between values are discarded, and reported to
 * `onInvalid`.
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
 * import { jsonSeq } from "@framewright/framewright/protocols";
 *
 * const invalid: string[] = [];
 * const decoder = new FrameDecoder(jsonSeq(), (error) => invalid.push(error.name));
 * decoder.push(new TextEncoder().encode('\x1e{"a":1}\n\x1e{"cut":\x1e2\n'));
 * assert.deepEqual(decoder.readAll(), [{ a: 1 }, 2]);
 * assert.deepEqual(invalid, ["CodecError"]);
 * ```
 */
export function jsonSeq<In = unknown, Out = In>(): Protocol<In, Out> {
  return { framer: records, codec: compose(compose(text(), whole), jsonText<In, Out>()) };
}

const records: Framer = {
  measure(input) {
    const scan = input.memo instanceof JsonScan ? input.memo : new JsonScan();
    const begun = scan.begins(input);
    if (!scan.separated) {
      input.discard(scan.start);
      if (begun) input.discard(input.find(RS) ?? input.length, "value without record separator");
      return undefined;
    }
    if (!begun && input.ended) {
      input.discard(input.length);
      return undefined;
    }
    const length = begun ? scan.length(input) : undefined;
    if (length === undefined) {
      input.memo = scan;
      return undefined;
    }
    input.skip(scan.start);
    return scan.bare && isSpace(input.peek(length)!) ? length + 1 : length;
  },
  write(frame, output) {
    output.write(RS);
    output.write(frame);
    output.write(LF);
  },
};

/** Refuses a number or a literal without white space after it, the rest of which may be missing. */
const whole: Codec<string, string> = {
  decode(text) {
    if (/[^\s"\]}]/.test(text.slice(-1))) throw new MalformedFrameError("value is cut");
    return text;
  },
  encode: (text) => text,
};
