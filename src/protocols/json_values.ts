import { json } from "../codecs/json.ts";
import { afterBom } from "../framers/after_bom.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { JsonScan } from "./json_scan.ts";

const LF = /* @__PURE__ */ Uint8Array.of(0x0a);

/**
 * JSON values one after another, with or without white space between them (RFC 8259), as programs print that
 * write values of several lines. The end of a value is found by its structure.
 *
 * ```text
 *   ┌─────────┬─────────┬───┬───┬────┬──────┐
 *   │ {"a":1} │ [2,"]"] │ 3 │ ␠ │ LF │ null │ end of stream
 *   └─────────┴─────────┴───┴───┴────┴──────┘
 * ```
 *
 * An object, an array or a string is read as soon as its last byte has arrived. A number or a literal ends before
 * white space, a bracket or a quote, or with the stream. What is not JSON up to there is a {@link CodecError},
 * and the next value can be read. A value is written with a line feed after it.
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
    if (!scan.begins(input)) {
      input.discard(input.length);
      return undefined;
    }
    const length = scan.length(input) ??
      (scan.bare && input.ended ? input.length - scan.start : undefined);
    if (length === undefined) input.memo = scan;
    else input.skip(scan.start);
    return length;
  },
  write(frame, output) {
    output.write(frame);
    output.write(LF);
  },
};
