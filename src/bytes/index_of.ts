/**
 * Finds the first place where `needle` stands whole in `bytes[start, end)`.
 *
 * @param needle What to look for; at least one byte.
 * @returns Its offset in `bytes`, or -1.
 */
export function indexOf(
  bytes: Uint8Array,
  needle: Uint8Array,
  start = 0,
  end: number = bytes.length,
): number {
  const last = needle.length - 1;
  const first = needle[0]!;
  if (last === 0) {
    const at = bytes.indexOf(first, start);
    return at < end ? at : -1;
  }
  // The byte that would be the needle's last says most: one that is not in the needle at all lets the
  // search jump over the whole needle. Two bytes are compared first, since most needles are CRLF.
  const final = needle[last]!;
  for (let at = start + last; at < end; at++) {
    if (bytes[at] === final && bytes[at - last] === first && matches(bytes, needle, at - last)) {
      return at - last;
    }
  }
  return -1;
}

function matches(bytes: Uint8Array, needle: Uint8Array, at: number): boolean {
  for (let index = 1; index < needle.length - 1; index++) {
    if (bytes[at + index] !== needle[index]) return false;
  }
  return true;
}
