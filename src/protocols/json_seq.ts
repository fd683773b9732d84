import { compose } from "../codecs/compose.ts";
import type { Codec } from "../codecs/codec.ts";
import { jsonText } from "../codecs/json.ts";
import { text } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { isSpace, JsonScan, SEPARATOR } from "./json_scan.ts";

const RS = /* @__PURE__ */ Uint8Array.of(SEPARATOR);
const LF = 0x0a;
const LINE_END = /* @__PURE__ */ Uint8Array.of(LF);

/**
 * JSON text sequences (RFC 7464, section 2), which GeoJSON text sequences are, too (RFC 8142): each value has a record
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

/** A frame begins after its separator, and includes the white space before the value. */
const records: Framer = {
  measure(input) {
    const scan = input.memo instanceof JsonScan ? input.memo : new JsonScan();
    scan.skipSpaces(input);
    if (scan !== input.memo) {
      if (scan.start > 0 || input.length === 0) {
        input.discard(scan.start);
        return undefined;
      }
      if (input.peek() !== SEPARATOR) {
        input.discard(input.find(RS) ?? input.length, "value without record separator");
        return undefined;
      }
      scan.start = 1;
      scan.skipSpaces(input);
    }
    const first = input.peek(scan.start);
    if (first === SEPARATOR || first === undefined && input.ended) {
      // There is no value between two separators, or after the last one.
      input.discard(scan.start);
      return undefined;
    }
    const length = first === undefined ? undefined : scan.length(input);
    if (length === undefined) {
      input.memo = scan;
      // The separator is not part of the frame.
      input.atLeast(input.length - 1);
      return undefined;
    }
    input.skip(1);
    const end = scan.start - 1 + length;
    if (scan.bare && isSpace(input.peek(end))) return end + 1;
    // A line end that is here already is dropped, which is faster than to discard it.
    if (input.peek(end) === LF) input.drop(1);
    return end;
  },
  write(frame, output) {
    output.write(RS);
    output.write(frame);
    output.write(LINE_END);
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
