import type { Pem } from "../../transports/transport.ts";

/** The label of a PEM block. */
export type PemLabel = "CERTIFICATE" | "PRIVATE KEY";

/**
 * Returns the blocks with a label from text in PEM format (RFC 7468), without anything else: comments,
 * blocks with other labels, and a byte order mark, which not every runtime skips.
 */
export function pemBlocks(pem: Pem, label: PemLabel): string[] {
  const text = typeof pem === "string" ? pem : new TextDecoder().decode(pem);
  const body = "(?:(?!-----BEGIN)[^])*?";
  // A block without an end is included, so that it is reported and not silently lost.
  const end = "(?:-----END \\1-----|(?=-----BEGIN)|$)";
  const block = `-----BEGIN ((?:[A-Z0-9]+ )*${label})-----${body}${end}`;
  return text.match(new RegExp(block, "g")) ?? [];
}

/** Whether a block has an end and a complete DER sequence in base64: a tag, a length and that many bytes. */
export function isIntact(block: string): boolean {
  const der = decoded(block.replace(/-----.*?-----|\s/g, ""));
  let start = 2;
  let length = der.charCodeAt(1);
  if (length > 0x80) {
    const end = start + length - 0x80;
    for (length = 0; start < end; start++) length = length * 256 + der.charCodeAt(start);
  }
  return block.endsWith("-----") && der.charCodeAt(0) === 0x30 && der.length >= start + length;
}

function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}
