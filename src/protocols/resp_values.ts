import type { ByteWriter } from "../bytes/byte_writer.ts";
import { isBytes } from "../bytes/is_bytes.ts";
import { lenientText } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import { part } from "../sequences/part.ts";
import { sequence, type SequenceProtocol } from "../sequences/sequence.ts";
import { block, lengthIn, line, utf8, writeBlock, writeLine } from "./text_parts.ts";

/** A value of RESP. */
export type RespValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly RespValue[]
  | RespError
  | RespVerbatim
  | RespMap
  | RespList
  | RespAttributed;

/** An error, simple or bulk. */
export interface RespError {
  /** Distinguishes the kinds of values. */
  readonly type: "error";
  /** Its text, which begins with a word in capitals: `"ERR"`, `"WRONGTYPE"`. */
  readonly message: string;
}

/** Text with its format. */
export interface RespVerbatim {
  /** Distinguishes the kinds of values. */
  readonly type: "verbatim";
  /** Three letters: `"txt"` for plain text, `"mkd"` for Markdown. */
  readonly format: string;
  /** The text. */
  readonly text: string;
}

/** A map. */
export interface RespMap {
  /** Distinguishes the kinds of values. */
  readonly type: "map";
  /** Keys and values, in the order of the wire. */
  readonly entries: readonly (readonly [RespValue, RespValue])[];
}

/** A set; or a message that the server pushes, which is no reply to a command. */
export interface RespList {
  /** Distinguishes the kinds of values. */
  readonly type: "set" | "push";
  /** The values; the first one of a push message says what it is. */
  readonly values: readonly RespValue[];
}

/** A value with attributes, which a client may ignore. */
export interface RespAttributed {
  /** Distinguishes the kinds of values. */
  readonly type: "attributed";
  /** Names and values of the attributes. */
  readonly attributes: readonly (readonly [RespValue, RespValue])[];
  /** The value itself. */
  readonly value: RespValue;
}

type Pairs = readonly (readonly [RespValue, RespValue])[];

/** Reads and writes the values of RESP. */
export function respReplies(maxLine: number, maxFrameLength: number): SequenceProtocol<RespValue> {
  const head = line(maxLine);
  const text = lenientText();
  const values: SequenceProtocol<RespValue> = sequence<RespValue>({
    *read() {
      const whole = yield* head;
      const type = whole.charAt(0);
      const rest = whole.slice(1);
      switch (type) {
        case "+":
          return rest;
        case "-":
          return { type: "error", message: rest };
        case ":":
        case "(": {
          if (!/^[+-]?\d+$/.test(rest)) throw invalid("number");
          const number = Number(rest);
          return type === ":" && Number.isSafeInteger(number) ? number : BigInt(rest);
        }
        case ",":
          return doubleIn(rest);
        case "#":
          if (rest === "t" || rest === "f") return rest === "t";
          throw invalid("boolean");
        case "_":
          if (rest === "") return null;
          throw invalid("null");
      }
      if (rest === "-1" && (type === "$" || type === "*")) return null;
      const size = lengthIn(rest);
      switch (type) {
        case "$":
          return yield* block(size);
        case "!":
          return { type: "error", message: text.decode(yield* block(size)) };
        case "=": {
          const verbatim = text.decode(yield* block(size));
          if (verbatim[3] !== ":") throw invalid("verbatim string");
          return { type: "verbatim", format: verbatim.slice(0, 3), text: verbatim.slice(4) };
        }
        case "*":
        case "~":
        case ">": {
          const list: RespValue[] = [];
          while (list.length < size) list.push(yield* value);
          if (type === "*") return list;
          return { type: type === "~" ? "set" : "push", values: list };
        }
        case "%":
        case "|": {
          const entries: [RespValue, RespValue][] = [];
          while (entries.length < size) entries.push([yield* value, yield* value]);
          if (type === "%") return { type: "map", entries };
          return { type: "attributed", attributes: entries, value: yield* value };
        }
      }
      throw invalid("type");
    },
    write,
    maxFrameLength,
  });
  // Nested values have no limit of their own: that of the message applies.
  const value = part<RespValue>({ framer: values.framer, codec: values.codec });
  return values;
}

function doubleIn(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^-?nan/i.test(text)) return NaN;
  if (!/^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(text)) throw invalid("double");
  return Number(text);
}

function write(value: RespValue, output: ByteWriter): void {
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
        Number.isSafeInteger(value) ? `:${value}` : `,${value}`.replace("Infinity", "inf"),
        output,
      );
  }
  if (isBytes(value)) return writeBytes("$", value, output);
  if (isList(value)) return writeList("*", value, output);
  switch (value.type) {
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
      return write(value.value, output);
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
  for (const one of values) write(one, output);
}

function writePairs(type: string, pairs: Pairs, output: ByteWriter): void {
  writeLine(`${type}${pairs.length}`, output);
  for (const [key, one] of pairs) {
    write(key, output);
    write(one, output);
  }
}

function invalid(what: string): MalformedFrameError {
  return new MalformedFrameError(`${what} is invalid`);
}
