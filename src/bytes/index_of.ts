/** The words of bytes that are searched one by one. */
export const NO_WORDS: Int32Array = new Int32Array(0);

/**
 * Whether the engine's own search compares many bytes at a time: JavaScriptCore's does (Bun 1.4: 300 bytes in
 * 30 ns, by words 84), V8's does not (Deno 2.9: 173 ns, by words 87). Only its errors have a `line`.
 */
const WIDE: boolean = /* @__PURE__ */ searchesWide();

function searchesWide(): boolean {
  return "line" in new Error();
}

/** Number of bytes compared before the engine's own search is called, which costs as much (Deno 2.9: 17 ns). */
const COMPARED_SINGLY = 16;

/** Minimum number of bytes searched by words: making the words pays from here on (Deno 2.9: 44 ns, else 47). */
const MIN_FOR_WORDS = 64;

/**
 * Returns the bytes as 32-bit words for {@link indexOf}, beginning at the first aligned byte. Returns no
 * words for few bytes, for an engine whose own search is better, and if positions do not fit in 32 bits.
 */
export function wordsOf(bytes: Uint8Array): Int32Array {
  if (WIDE || bytes.length < MIN_FOR_WORDS || bytes.length >= 2 ** 31) return NO_WORDS;
  const skipped = -bytes.byteOffset & 3;
  return new Int32Array(bytes.buffer, bytes.byteOffset + skipped, bytes.length - skipped >> 2);
}

/**
 * Returns the offset of the first `needle` in `bytes[start, end)`, or -1.
 *
 * @param needle At least one byte.
 * @param words The result of {@link wordsOf} for `bytes`, if they are searched more than once: making the
 * words costs as much as searching 100 bytes.
 */
export function indexOf(
  bytes: Uint8Array,
  needle: Uint8Array,
  start = 0,
  end: number = bytes.length,
  words: Int32Array = NO_WORDS,
): number {
  if (needle.length === 1) return indexOfByte(bytes, needle[0]!, start, end, words);
  const last = needle.length - 1;
  const byte = needle[last]!;
  // Number of control characters at the end of the needle.
  let controls = 0;
  while (!WIDE && controls <= last && needle[last - controls]! < 0x20) controls++;
  for (let at = start + last;; at++) {
    at = controls > 1
      ? indexOfControl(bytes, byte, at, end, controls)
      : indexOfByte(bytes, byte, at, end, words);
    if (at < 0) return -1;
    if (startsAt(bytes, needle, at - last)) return at - last;
  }
}

/**
 * Finds `byte`, the last of `count` successive control characters. No match includes a printable byte, so
 * the search advances by `count` bytes after each of them.
 */
function indexOfControl(
  bytes: Uint8Array,
  byte: number,
  start: number,
  end: number,
  count: number,
): number {
  // Local, since a bundled constant may be a variable, which V8 reads for each byte (bench:counts, W6 visit:
  // 1,663 instead of 1,820).
  const printable = 0x20;
  for (let at = start;; at++) {
    // Unrolled, since V8 may check in each iteration that the buffer is still attached (bench:counts, W6
    // visit: 1,663 instead of 1,823).
    const stop = end - count;
    while (at < stop && bytes[at]! >= printable && bytes[at + count]! >= printable) at += 2 * count;
    if (bytes[at]! >= printable) at += count;
    if (at >= end) return -1;
    if (bytes[at] === byte) return at;
  }
}

/**
 * Finds one byte. A word is compared at once: XOR turns the byte into 0, and subtracting 1 from each byte sets
 * a clear top bit only if some byte is 0 (Mycroft 1987; bench:counts, W4 visit: 1,093 instead of 1,430). One
 * function, so that V8 inlines it.
 */
function indexOfByte(
  bytes: Uint8Array,
  byte: number,
  start: number,
  end: number,
  words: Int32Array,
): number {
  let at = start;
  if (words.length > 0) {
    const skipped = -bytes.byteOffset & 3;
    for (; at < end && (at - skipped & 3) !== 0; at++) if (bytes[at] === byte) return at;
    const pattern = Math.imul(byte, 0x01010101);
    for (const stop = end - 3; at < stop; at += 4) {
      const word = words[at - skipped >> 2]! ^ pattern;
      if ((word - 0x01010101 & ~word & 0x80808080) !== 0) break;
    }
  }
  const near = Math.min(end, at + COMPARED_SINGLY);
  for (; at < near; at++) if (bytes[at] === byte) return at;
  if (at === end) return -1;
  // There may be many bytes after `end`: they must not be searched.
  const all = end === bytes.length ? bytes : bytes.subarray(0, end);
  return all.indexOf(byte, at);
}

function startsAt(bytes: Uint8Array, needle: Uint8Array, at: number): boolean {
  for (let index = 0; index < needle.length - 1; index++) {
    if (bytes[at + index] !== needle[index]) return false;
  }
  return true;
}
