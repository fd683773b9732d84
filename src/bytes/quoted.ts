import { hexadecimal } from "./hexadecimal.ts";

/** Maximum number of a peer's bytes that an error text quotes. */
const MAX_QUOTED = 32;

const escapes: { readonly [byte: number]: string } = {
  0x09: "\\t",
  0x0a: "\\n",
  0x0d: "\\r",
  0x22: '\\"',
  0x5c: "\\\\",
};

/**
 * Quotes bytes for the text of an error: printable ASCII as it is, anything else escaped, 32 bytes at
 * most.
 *
 * @returns For example `"a\r\x00"`; with `…` at the end if bytes are left out.
 */
export function quoted(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, MAX_QUOTED)) {
    const printable = byte >= 0x20 && byte < 0x7f;
    text += escapes[byte] ??
      (printable ? String.fromCharCode(byte) : `\\x${hexadecimal(byte)}`);
  }
  return `"${text}"${bytes.length > MAX_QUOTED ? "…" : ""}`;
}
