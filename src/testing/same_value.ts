import { equalBytes } from "./verification_failure.ts";

/** Maximum number of characters of a message shown in an error text. */
const MAX_SHOWN = 120;

/**
 * Whether two messages are equal: numbers with NaN, bytes, arrays, maps, sets, dates and objects by what they
 * contain. Everything else is compared by identity.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b || (a !== a && b !== b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (kind === BYTES) return equalBytes(a as Uint8Array, b as Uint8Array);
  if (a instanceof Date) return sameValue(a.getTime(), (b as Date).getTime());
  if (a instanceof Map || a instanceof Set) return sameValue([...a], [...b as Set<unknown>]);
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return keys.length === others.length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key as never], b[key as never]));
}

/** Returns a message for an error text, shortened. */
export function shown(value: unknown): string {
  const text = value === undefined ? "missing" : JSON.stringify(value, (_, part) => {
    if (typeof part === "bigint") return `${part}n`;
    if (part instanceof Map || part instanceof Set) return [...part];
    if (ArrayBuffer.isView(part)) return `<${Array.from(part as Uint8Array).join(" ")}>`;
    return part;
  }) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The class of an array of bytes and of a Buffer. */
const BYTES = "[object Uint8Array]";

/** Returns the class of an object as the language names it. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value);
}
