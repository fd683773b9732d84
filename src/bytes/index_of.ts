/** Below this many bytes a loop is done before `indexOf` has begun: a call of it costs 20 ns on V8. */
const SHORT = 64;

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
  return needle.length === 1
    ? indexOfByte(bytes, needle[0]!, start, end)
    : indexOfBytes(bytes, needle, start, end);
}

function indexOfByte(bytes: Uint8Array, byte: number, start: number, end: number): number {
  if (end - start > SHORT) {
    // The bytes behind `end` may be many: they must not be searched.
    return end === bytes.length
      ? bytes.indexOf(byte, start)
      : bytes.subarray(0, end).indexOf(byte, start);
  }
  for (let at = start; at < end; at++) if (bytes[at] === byte) return at;
  return -1;
}

/** Looks where the needle's last byte would be: a byte that is not in the needle skips all of it. */
function indexOfBytes(bytes: Uint8Array, needle: Uint8Array, start: number, end: number): number {
  const last = needle.length - 1;
  const final = needle[last]!;
  for (let at = start + last; at < end;) {
    const byte = bytes[at]!;
    if (byte === final && startsAt(bytes, needle, at - last)) return at - last;
    at += byte === final || holds(needle, byte) ? 1 : needle.length;
  }
  return -1;
}

function startsAt(bytes: Uint8Array, needle: Uint8Array, at: number): boolean {
  for (let index = 0; index < needle.length - 1; index++) {
    if (bytes[at + index] !== needle[index]) return false;
  }
  return true;
}

function holds(needle: Uint8Array, byte: number): boolean {
  for (let index = 0; index < needle.length; index++) if (needle[index] === byte) return true;
  return false;
}
