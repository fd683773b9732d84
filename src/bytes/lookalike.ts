import { hexadecimal } from "./hexadecimal.ts";

/** Data that is often sent to the wrong port, recognized by its first bytes. */
const lookalikes: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^[\x14-\x17]\x03[\0-\x04]/, "a TLS record"],
  [/^(GET|PUT|POST|HEAD|PATCH|DELETE|OPTIONS|CONNECT)/, "an HTTP request"],
  [/^HTTP/, "an HTTP reply"],
  [/^SSH-/, "an SSH greeting"],
  [/^[ -~\t\r\n]{4,}$/, "printable text"],
];

/**
 * Describes unexpected bytes, for the end of an error's text.
 *
 * @param bytes The first bytes, eight or fewer.
 * @param text Whether text was expected, so that text is not worth mentioning.
 * @returns For example `; the bytes 15 03 03 00 look like a TLS record`; empty if nothing is recognized.
 */
export function lookalike(bytes: Uint8Array, text?: boolean): string {
  const characters = String.fromCharCode(...bytes);
  const found = lookalikes.find(([pattern]) => pattern.test(characters));
  if (found === undefined || (text && found[1] === "printable text")) return "";
  const shown = /^[ -~]{4}/.test(characters)
    ? JSON.stringify(characters.slice(0, 4))
    : Array.from(bytes.subarray(0, 4), (byte) => hexadecimal(byte)).join(" ");
  return `; the bytes ${shown} look like ${found[1]}`;
}
