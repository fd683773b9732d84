import { lenientText } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import { ARRAY, ATTRIBUTES, BLOCK, BULK, FOLLOWS, LINE } from "./resp_framer.ts";

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

/** An aggregate whose values are being read. */
interface Level {
  readonly type: number;
  readonly values: RespValue[];
  /** Number of values that it has. */
  readonly count: number;
  readonly outer: Level | undefined;
}

const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const MAP = 0x25;
const PUSH = 0x3e;
const ERROR = 0x21;
const INTEGER = 0x3a;
/** Number of characters that are joined one by one. */
const FEW = 12;
const strings = /* @__PURE__ */ lenientText();

/**
 * Returns the value in a frame. Aggregates inside of others form a list, so that depth costs no stack.
 *
 * @throws {MalformedFrameError} A value is invalid.
 */
export function decodeRespValue(bytes: Uint8Array, at: number, end: number): RespValue {
  let level: Level | undefined;
  for (;;) {
    const type = bytes[at++]!;
    const follows = FOLLOWS[type];
    let value: RespValue;
    if (follows === LINE) {
      const start = at;
      while (at < end && (bytes[at] !== CR || bytes[at + 1] !== LF)) at++;
      value = scalar(type, bytes, start, at);
      at += 2;
    } else if (bytes[at] === MINUS) {
      value = null;
      at += 4;
    } else {
      let size = 0;
      for (let digit; (digit = bytes[at++]! - 0x30) >= 0;) size = size * 10 + digit;
      at++;
      if (follows === BLOCK) {
        const string = bytes.subarray(at, at + size);
        value = type === BULK ? string : textual(type, strings.decode(string));
        at += size + 2;
      } else {
        const count = size * follows! + (type === ATTRIBUTES ? 1 : 0);
        const values: RespValue[] = [];
        if (count > 0) {
          level = { type, values, count, outer: level };
          continue;
        }
        value = aggregate(type, values);
      }
    }
    while (level !== undefined) {
      const { values, count, outer }: Level = level;
      values.push(value);
      if (values.length < count) break;
      value = aggregate(level.type, values);
      level = outer;
    }
    if (level === undefined) return value;
  }
}

function aggregate(type: number, values: RespValue[]): RespValue {
  if (type === ARRAY) return values;
  if (type !== MAP && type !== ATTRIBUTES) return { type: type === PUSH ? "push" : "set", values };
  const entries: [RespValue, RespValue][] = [];
  for (let at = 0; at + 1 < values.length; at += 2) entries.push([values[at]!, values[at + 1]!]);
  return type === MAP
    ? { type: "map", entries }
    : { type: "attributed", attributes: entries, value: values.at(-1)! };
}

function textual(type: number, text: string): RespValue {
  if (type === ERROR) return { type: "error", message: text };
  if (text[3] !== ":") throw invalid("verbatim string");
  return { type: "verbatim", format: text.slice(0, 3), text: text.slice(4) };
}

function scalar(type: number, bytes: Uint8Array, start: number, end: number): RespValue {
  if (type === INTEGER && end - start < 16 && end > start) {
    const number = integerIn(bytes, start, end);
    if (number === number) return number;
  }
  const text = textIn(bytes, start, end);
  switch (String.fromCharCode(type)) {
    case "+":
      return text;
    case "-":
      return { type: "error", message: text };
    case ":":
    case "(": {
      if (!/^[+-]?\d+$/.test(text)) throw invalid("number");
      const number = Number(text);
      return type === INTEGER && Number.isSafeInteger(number) ? number : BigInt(text);
    }
    case ",":
      return doubleIn(text);
    case "#":
      if (text === "t" || text === "f") return text === "t";
      throw invalid("boolean");
    default:
      if (text === "") return null;
      throw invalid("null");
  }
}

/** Returns text. For a few characters, like `OK`, calling a `TextDecoder` costs three times as much. */
function textIn(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80 || text.length === FEW) return strings.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Returns an integer of at most 15 digits; NaN for anything else. */
function integerIn(frame: Uint8Array, start: number, end: number): number {
  const negative = frame[start] === MINUS;
  let number = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const digit = frame[at]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    number = number * 10 + digit;
  }
  if (negative) return end > start + 1 ? 0 - number : NaN;
  return number;
}

function doubleIn(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^-?nan/i.test(text)) return NaN;
  if (!/^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(text)) throw invalid("double");
  return Number(text);
}

function invalid(what: string): MalformedFrameError {
  return new MalformedFrameError(`${what} is invalid`);
}
