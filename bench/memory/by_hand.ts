/**
 * What one writes by hand who knows one framing and nothing else: no limit, no end of stream, no
 * errors, no other framing. Frames are told by their place in bytes that hold them (`Visit`), those
 * that straddle chunks in a buffer that grows and is used again.
 *
 * @module
 */

/** Is told of a frame: it is `bytes[start, end)`. */
export type Visit = (bytes: Uint8Array, start: number, end: number) => void;

/** Takes the stream chunk by chunk. */
export type Loop = (chunk: Uint8Array) => void;

/** What has come of a frame that was not whole at the end of its chunk. */
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
      for (let at = start; at < end; at++) {
        this.bytes[this.length + at - start] = chunk[at]!;
      }
    }
    this.length = length;
  }
}

/** Four bytes of length, most significant first. */
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
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
    bytes[at + 3]!) >>> 0;
}

/** An unsigned LEB128 of length. */
export function varintLoop(visit: Visit): Loop {
  const carry = new Carry();
  return (chunk) => {
    const end = chunk.length;
    let at = 0;
    if (carry.length > 0) {
      while (lastByte(carry) && at < end) carry.add(chunk, at, ++at);
      if (lastByte(carry)) return;
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

/** Whether all bytes of the length that have come have their top bit set. */
function lastByte(carry: Carry): boolean {
  for (let at = 0; at < carry.length; at++) {
    if (carry.bytes[at]! < 128) return false;
  }
  return true;
}

/** Lines, looked for by a plain loop. A CR in front of LF is left out. */
export function lineLoop(visit: Visit): Loop {
  return linesBy(visit, (chunk, from) => {
    for (let at = from; at < chunk.length; at++) {
      if (chunk[at] === 10) return at;
    }
    return -1;
  });
}

/** Lines, looked for by `indexOf`. */
export function lineIndexOf(visit: Visit): Loop {
  return linesBy(visit, (chunk, from) => chunk.indexOf(10, from));
}

function linesBy(
  visit: Visit,
  find: (chunk: Uint8Array, from: number) => number,
): Loop {
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

/** Blocks that end with an empty line, looked for by a loop that skips up to four bytes. */
export function blockLoop(visit: Visit): Loop {
  return blocksBy(visit, (bytes, from, end) => {
    for (let at = from + 3; at < end;) {
      const byte = bytes[at]!;
      if (byte > 13) at += 4;
      else if (byte === 10) {
        if (
          bytes[at - 1] === 13 && bytes[at - 2] === 10 && bytes[at - 3] === 13
        ) return at - 3;
        at += 2;
      } else at += byte === 13 ? 1 : 4;
    }
    return -1;
  });
}

/** Blocks that end with an empty line, looked for by `Buffer.indexOf`. */
export function blockIndexOf(visit: Visit): Loop {
  const { Buffer } = globalThis as unknown as {
    Buffer: {
      from(
        bytes: ArrayBufferLike | string,
        offset?: number,
        length?: number,
      ): Uint8Array;
    };
  };
  const mark = Buffer.from("\r\n\r\n");
  const mine = mark as unknown as {
    indexOf(mark: Uint8Array, from: number): number;
  };
  let bytes: Uint8Array | undefined;
  let buffer = mine;
  return blocksBy(visit, (chunk, from, end) => {
    if (chunk !== bytes) {
      bytes = chunk;
      buffer = Buffer.from(
        chunk.buffer,
        chunk.byteOffset,
        chunk.length,
      ) as unknown as typeof mine;
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
      // The mark may begin in the carry, and go on in the chunk.
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
    for (
      let found;
      (found = find(chunk, at, chunk.length)) >= 0;
      at = found + 4
    ) {
      visit(chunk, at, found);
    }
    carry.add(chunk, at, chunk.length);
  };
}
