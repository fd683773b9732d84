/**
 * Returns the bytes of an IP address in text: 4 or 16; `undefined` if it is invalid.
 *
 * @param text Dotted decimal without leading zeros, or IPv6 without brackets and zone.
 */
export function ipBytes(text: string): Uint8Array | undefined {
  if (!text.includes(":")) {
    const parts = text.split(".");
    const bytes = Uint8Array.from(parts, Number);
    return parts.length === 4 && bytes.join(".") === text ? bytes : undefined;
  }
  const canonical = canonicalIPv6(text);
  if (canonical === undefined) return undefined;
  const [head, tail] = canonical.split("::").map((half) =>
    half.split(":").filter((group) => group !== "").map((group) => parseInt(group, 16))
  ) as [number[], number[]?];
  const zeros = new Array<number>(8 - head.length - (tail?.length ?? 0)).fill(0);
  const groups = [...head, ...zeros, ...tail ?? []];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Returns the text of an IP address of 4 or 16 bytes. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((bytes[at]! * 256 + bytes[at + 1]!).toString(16));
  return canonicalIPv6(groups.join(":"))!;
}

function canonicalIPv6(text: string): string | undefined {
  const url = `http://[${text}]`;
  return /^[0-9a-f:.]+$/i.test(text) && URL.canParse(url)
    ? new URL(url).hostname.slice(1, -1)
    : undefined;
}
