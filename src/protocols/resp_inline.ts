import { MalformedFrameError } from "../errors.ts";
import { latin1 } from "./latin1.ts";

/** Spaces, or a word: characters, then an optional quoted part, which ends the word. */
const WORD = /\s+|([^\s\0"']*)(?:"((?:\\.|[^"\\])*)"|'((?:\\'|\\(?!')|[^'\\])*)')?(?=[\s\0]|$)/y;
const ESCAPE = /\\(?:x([\da-f]{2})|(.))/gi;
const CONTROLS: { readonly [letter: string]: string } = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

/**
 * Splits an inline command of RESP into words, as Redis does: quoted words may contain spaces, and escapes in
 * double quotes.
 *
 * @param line Text with one character for each byte.
 * @throws {MalformedFrameError} A quote does not end.
 */
export function inlineWords(line: string): Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let at = 0; at < line.length;) {
    WORD.lastIndex = at;
    const [whole, plain, double, single] = WORD.exec(line) ?? [];
    if (!whole) throw new MalformedFrameError("inline command has an unbalanced quote");
    at += whole.length;
    if (plain === undefined) continue;
    const quoted = double?.replace(
      ESCAPE,
      (_, digits, letter) =>
        digits ? String.fromCharCode(parseInt(digits, 16)) : CONTROLS[letter] ?? letter,
    ) ?? single?.replaceAll("\\'", "'") ?? "";
    words.push(latin1.encode(plain + quoted));
  }
  return words;
}
