import { hexadecimal } from "./hexadecimal.ts";

/** Control characters, which could affect a terminal: C0, DEL, C1 and line separators. */
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g;

/** Returns the text with control characters escaped, cut after `max` characters. */
export function printable(text: string, max: number): string {
  const escaped = text.slice(0, max).replace(
    CONTROLS,
    (character) => `\\u${hexadecimal(character.charCodeAt(0), 4)}`,
  );
  return escaped.length < text.length || escaped.length > max
    ? `${escaped.slice(0, max)}…`
    : escaped;
}
