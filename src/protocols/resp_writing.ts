import type { ByteWriter } from "../bytes/byte_writer.ts";
import { isBytes } from "../bytes/is_bytes.ts";
import type { RespMap, RespValue } from "./resp_values.ts";
import { utf8, writeBlock, writeLine } from "./text_parts.ts";

/**
 * Writes a value.
 *
 * @throws {TypeError} It is invalid.
 */
export function writeRespValue(value: RespValue, output: ByteWriter): void {
  if (value === null) return writeLine("_", output);
  switch (typeof value) {
    case "string":
      return writeLine(`+${value}`, output);
    case "boolean":
      return writeLine(value ? "#t" : "#f", output);
    case "bigint":
      return writeLine(`(${value}`, output);
    case "number":
      return writeLine(
        Number.isSafeInteger(value)
          ? `:${value}`
          : `,${value}`.replace("Infinity", "inf").replace("NaN", "nan"),
        output,
      );
  }
  if (isBytes(value)) return writeBytes("$", value, output);
  if (isList(value)) return writeList("*", value, output);
  switch (value?.type) {
    case "error":
      if (/[\r\n]/.test(value.message)) return writeBytes("!", utf8(value.message), output);
      return writeLine(`-${value.message}`, output);
    case "verbatim":
      if (value.format.length !== 3) {
        throw new TypeError(`Invalid format ${value.format}: expected three letters`);
      }
      return writeBytes("=", utf8(`${value.format}:${value.text}`), output);
    case "set":
      return writeList("~", value.values, output);
    case "push":
      return writeList(">", value.values, output);
    case "map":
      return writePairs("%", value.entries, output);
    case "attributed":
      writePairs("|", value.attributes, output);
      return writeRespValue(value.value, output);
  }
  throw new TypeError("Cannot write value: its type is unknown");
}

function isList(value: RespValue): value is readonly RespValue[] {
  return Array.isArray(value);
}

function writeBytes(type: string, bytes: Uint8Array, output: ByteWriter): void {
  writeLine(`${type}${bytes.length}`, output);
  writeBlock(bytes, output);
}

function writeList(type: string, values: readonly RespValue[], output: ByteWriter): void {
  writeLine(`${type}${values.length}`, output);
  for (const one of values) writeRespValue(one, output);
}

function writePairs(type: string, pairs: RespMap["entries"], output: ByteWriter): void {
  writeLine(`${type}${pairs.length}`, output);
  for (const [key, one] of pairs) {
    writeRespValue(key, output);
    writeRespValue(one, output);
  }
}
