/** Control characters, which might do something to a terminal: C0, DEL, C1 and line separators. */
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g;

/** The text without control characters, and not longer than `most` characters. */
export function printable(text: string, most: number): string {
  const escaped = text.slice(0, most).replace(
    CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return escaped.length < text.length || escaped.length > most
    ? `${escaped.slice(0, most)}…`
    : escaped;
}
