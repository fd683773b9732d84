import { equalBytes } from "./verification_failure.ts";

/** Maximum number of characters of a message shown in an error text. */
const MAX_SHOWN = 120;

/**
 * Whether two messages are equal: numbers with NaN, bytes and other binary data, arrays, maps, sets, dates, errors and
 * objects by what they contain. Everything else is compared by identity: functions, and objects whose content
 * is private.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b || (a !== a && b !== b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (kindOf(a) !== kindOf(b)) return false;
  const [binary, other] = [binaryOf(a), binaryOf(b)];
  if (binary && other) return equalBytes(binary, other);
  if (a instanceof Date) return sameValue(a.getTime(), (b as Date).getTime());
  if (a instanceof Map || a instanceof Set) return sameValue([...a], [...b as Set<unknown>]);
  const [keys, others] = [keysOf(a), keysOf(b)];
  if (keys.length === 0 && !(isOpen(a) && isOpen(b))) return false;
  return keys.length === others.length &&
    keys.every((key) => others.includes(key) && sameValue(a[key as never], b[key as never]));
}

/** Returns a message for an error text, shortened. */
export function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function textOf(value: unknown): string {
  if (value === undefined) return "missing";
  try {
    return JSON.stringify(value, (_, part) => {
      if (typeof part === "bigint") return `${part}n`;
      if (part instanceof Map || part instanceof Set) return [...part];
      if (part instanceof Error) return `${part}`;
      if (ArrayBuffer.isView(part)) return `<${Array.from(part as Uint8Array).join(" ")}>`;
      return part;
    }) ?? String(value);
  } catch {
    // It is circular, too deep, or has a toJSON() that throws.
    return kindOf(value as object);
  }
}

/** Returns the class of an object as the language names it: a `Buffer` is a `Uint8Array`. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value);
}

/** Returns the bytes of binary data. */
function binaryOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

/** Returns the names of the members that are compared. */
function keysOf(value: object): string[] {
  const keys = Object.keys(value);
  return value instanceof Error ? ["name", "message", ...keys] : keys;
}

/** Whether an object without members is empty: an array or a plain object, which has no private content. */
function isOpen(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
