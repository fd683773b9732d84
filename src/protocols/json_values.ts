import { json } from "../codecs/json.ts";
import { afterBom } from "../framers/after_bom.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { JsonScan } from "./json_scan.ts";

const LF = 0x0a;
const LINE_END = /* @__PURE__ */ Uint8Array.of(LF);

/**
 * JSON values one after another, with or without white space between them (RFC 8259, section 2), as programs print that
 * write values of several lines. The end of a value is found by its structure.
 *
 * ```text
 *   ┌─────────┬─────────┬───┬───┬────┬──────┐
 *   │ {"a":1} │ [2,"]"] │ 3 │ ␠ │ LF │ null │ end of stream
 *   └─────────┴─────────┴───┴───┴────┴──────┘
 * ```
 *
 * An object, an array or a string is read as soon as its last byte has arrived. A number or a literal ends before
 * white space, a bracket or a quote, or with the stream. Bytes up to there that are not JSON are a
 * {@link CodecError}, and the next value can be read. A value is written with a line feed after it.
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
 * import { jsonValues } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(jsonValues());
 * decoder.push(new TextEncoder().encode('{"a":1}[2,\n"]"]3 4'));
 * assert.deepEqual(decoder.readAll(), [{ a: 1 }, [2, "]"], 3]);
 * ```
 */
export function jsonValues<In = unknown, Out = In>(): Protocol<In, Out> {
  return { framer: afterBom(values), codec: json<In, Out>() };
}

const values: Framer = {
  measure(input) {
    const scan = input.memo instanceof JsonScan ? input.memo : new JsonScan();
    scan.skipSpaces(input);
    if (scan.start > 0 || input.length === 0) {
      input.discard(scan.start);
      return undefined;
    }
    let length = scan.length(input);
    if (length === undefined && scan.bare && input.ended) length = input.length;
    if (length === undefined) input.memo = scan;
    // A line end that is here already is dropped, which is faster than to discard it.
    else if (input.peek(length) === LF) input.drop(1);
    return length;
  },
  write(frame, output) {
    output.write(frame);
    output.write(LINE_END);
  },
};
