/**
 * Loops written by hand, each for one framing: no limit, no end of stream, no errors. Frames are
 * reported by their position (`Visit`); frames that straddle chunks are copied to a growing buffer that
 * is reused.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Called with each frame: `bytes[start, end)`. */
export type Visit = (bytes: Uint8Array, start: number, end: number) => void;

/** Consumes a stream chunk by chunk. */
export type Loop = (chunk: Uint8Array) => void;

/** The partial frame at the end of the last chunk. */
class Carry {
  bytes: Uint8Array = new Uint8Array(4096);
  length = 0;

  add(chunk: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    if (end - start > 32) {
      this.bytes.set(chunk.subarray(start, end), this.length);
    } else {
      for (let at = start; at < end; at++) this.bytes[this.length + at - start] = chunk[at]!;
    }
    this.length = length;
  }
}

/** Frames after a length in four bytes, most significant first. */
export function uint32Loop(visit: Visit): Loop {
  const carry = new Carry();
  return (chunk) => {
    const end = chunk.length;
    let at = 0;
    if (carry.length > 0) {
      if (carry.length < 4) {
        at = Math.min(4 - carry.length, end);
        carry.add(chunk, 0, at);
        if (carry.length < 4) return;
      }
      const need = 4 + uint32At(carry.bytes, 0) - carry.length;
      if (need > end - at) return carry.add(chunk, at, end);
      carry.add(chunk, at, at += need);
      visit(carry.bytes, 4, carry.length);
      carry.length = 0;
    }
    while (at + 4 <= end) {
      const next = at + 4 + uint32At(chunk, at);
      if (next > end) break;
      visit(chunk, at + 4, next);
      at = next;
    }
    carry.add(chunk, at, end);
  };
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

/** Frames after a length in unsigned LEB128. */
export function varintLoop(visit: Visit): Loop {
  const carry = new Carry();
  return (chunk) => {
    const end = chunk.length;
    let at = 0;
    if (carry.length > 0) {
      while (isIncomplete(carry) && at < end) carry.add(chunk, at, ++at);
      if (isIncomplete(carry)) return;
      let header = 0;
      let length = 0;
      for (let scale = 1;; scale *= 128) {
        const byte = carry.bytes[header++]!;
        length += byte % 128 * scale;
        if (byte < 128) break;
      }
      const need = header + length - carry.length;
      if (need > end - at) return carry.add(chunk, at, end);
      carry.add(chunk, at, at += need);
      visit(carry.bytes, header, carry.length);
      carry.length = 0;
    }
    while (at < end) {
      let start = at;
      let length = 0;
      let scale = 1;
      let byte = 128;
      while (byte >= 128 && start < end) {
        byte = chunk[start++]!;
        length += byte % 128 * scale;
        scale *= 128;
      }
      if (byte >= 128 || start + length > end) break;
      visit(chunk, start, start + length);
      at = start + length;
    }
    carry.add(chunk, at, end);
  };
}

/** Whether the length is still incomplete: all its bytes have their top bit set. */
function isIncomplete(carry: Carry): boolean {
  for (let at = 0; at < carry.length; at++) {
    if (carry.bytes[at]! < 128) return false;
  }
  return true;
}

/** Lines, found by a plain loop. A CR before LF is removed. */
export function lineLoop(visit: Visit): Loop {
  return linesBy(visit, (chunk, from) => {
    for (let at = from; at < chunk.length; at++) {
      if (chunk[at] === 10) return at;
    }
    return -1;
  });
}

/** Lines, found by `indexOf`. */
export function lineIndexOf(visit: Visit): Loop {
  return linesBy(visit, (chunk, from) => chunk.indexOf(10, from));
}

function linesBy(visit: Visit, find: (chunk: Uint8Array, from: number) => number): Loop {
  const carry = new Carry();
  return (chunk) => {
    let at = 0;
    for (let found = find(chunk, 0); found >= 0; found = find(chunk, at)) {
      if (carry.length > 0) {
        carry.add(chunk, 0, found);
        const cr = carry.length > 0 && carry.bytes[carry.length - 1] === 13;
        visit(carry.bytes, 0, carry.length - (cr ? 1 : 0));
        carry.length = 0;
      } else {
        const cr = found > at && chunk[found - 1] === 13;
        visit(chunk, at, found - (cr ? 1 : 0));
      }
      at = found + 1;
    }
    carry.add(chunk, at, chunk.length);
  };
}

/** Blocks that end with an empty line, found by a loop that skips up to four bytes. */
export function blockLoop(visit: Visit): Loop {
  return blocksBy(visit, (bytes, from, end) => {
    for (let at = from + 3; at < end;) {
      const byte = bytes[at]!;
      if (byte > 13) at += 4;
      else if (byte === 10) {
        if (bytes[at - 1] === 13 && bytes[at - 2] === 10 && bytes[at - 3] === 13) return at - 3;
        at += 2;
      } else at += byte === 13 ? 1 : 4;
    }
    return -1;
  });
}

/** Blocks that end with an empty line, found by `Buffer.indexOf`. */
export function blockIndexOf(visit: Visit): Loop {
  const mark = Buffer.from("\r\n\r\n");
  let bytes: Uint8Array | undefined;
  let buffer = mark;
  return blocksBy(visit, (chunk, from, end) => {
    if (chunk !== bytes) {
      bytes = chunk;
      buffer = Buffer.from(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.length);
    }
    const at = buffer.indexOf(mark, from);
    return at < 0 || at + 4 > end ? -1 : at;
  });
}

function blocksBy(
  visit: Visit,
  find: (bytes: Uint8Array, from: number, end: number) => number,
): Loop {
  const carry = new Carry();
  return (chunk) => {
    let at = 0;
    if (carry.length > 0) {
      const before = carry.length;
      // The delimiter may straddle the carry and the chunk.
      carry.add(chunk, 0, Math.min(3, chunk.length));
      let found = find(carry.bytes, Math.max(0, before - 3), carry.length);
      carry.length = before;
      if (found < 0) {
        found = find(chunk, 0, chunk.length);
        if (found < 0) return carry.add(chunk, 0, chunk.length);
        found += before;
      }
      carry.add(chunk, 0, Math.max(0, found - before));
      visit(carry.bytes, 0, found);
      at = found + 4 - before;
      carry.length = 0;
    }
    for (let found; (found = find(chunk, at, chunk.length)) >= 0; at = found + 4) {
      visit(chunk, at, found);
    }
    carry.add(chunk, at, chunk.length);
  };
}
