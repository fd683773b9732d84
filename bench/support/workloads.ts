/**
 * The streams that everything in memory is measured with. The same bytes in the same chunks go to every
 * contestant, whatever language it is written in.
 *
 * @module
 */

import { delimited, type Framer, lengthPrefixed, lines, uint32, varint } from "../../mod.ts";

/** What was found in a stream: the frames, the sum of their lengths, the sum of their first bytes. */
export interface Tally {
  readonly frames: number;
  readonly lengths: number;
  readonly firsts: number;
}

/** A stream, and how it is cut. */
export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly framer: Framer;
  readonly bytes: Uint8Array;
  readonly chunkLength: number;
  /** What everybody must find. */
  readonly expected: Tally;
}

interface Recipe {
  readonly what: string;
  readonly framer: Framer;
  /** The header of a frame of so many bytes. */
  readonly header: (length: number) => readonly number[];
  readonly trailer: readonly number[];
  readonly frameLength: number;
  readonly frames: number;
  readonly chunkLength: number;
  /** Whether the payload is printable ASCII. */
  readonly text?: boolean;
}

const KIB = 1024;
const MIB = 1024 * KIB;

const leb128 = (length: number) =>
  length < 128 ? [length] : [length % 128 + 128, Math.floor(length / 128)];
const none = () => [];
const counted = {
  framer: lengthPrefixed(uint32),
  header: bigEndian,
  trailer: [],
};
const byLF = { framer: lines(), header: none, trailer: [10], text: true };

const recipes: Readonly<Record<string, Recipe>> = {
  W1: {
    what: "uint32 + 64 B, in 64 KiB chunks",
    ...counted,
    frameLength: 64,
    frames: 61_680,
    chunkLength: 64 * KIB,
  },
  W2: {
    what: "uint32 + 1 KiB, in 64 KiB chunks",
    ...counted,
    frameLength: KIB,
    frames: 4080,
    chunkLength: 64 * KIB,
  },
  W3: {
    what: "uint32 + 1 MiB, in 64 KiB chunks",
    ...counted,
    frameLength: MIB,
    frames: 16,
    chunkLength: 64 * KIB,
  },
  W4: {
    what: "LF lines of 80 B, in 64 KiB chunks",
    ...byLF,
    frameLength: 80,
    frames: 51_780,
    chunkLength: 64 * KIB,
  },
  W5: {
    what: "LF lines of 80 B, in 16 B chunks",
    ...byLF,
    frameLength: 80,
    frames: 12_000,
    chunkLength: 16,
  },
  W6: {
    what: "CRLFCRLF after 300 B, in 64 KiB chunks",
    framer: delimited("\r\n\r\n"),
    header: none,
    trailer: [13, 10, 13, 10],
    text: true,
    frameLength: 300,
    frames: 13_790,
    chunkLength: 64 * KIB,
  },
  W7: {
    what: "varint + 64 B, in 64 KiB chunks",
    framer: lengthPrefixed(varint),
    header: leb128,
    trailer: [],
    frameLength: 64,
    frames: 64_520,
    chunkLength: 64 * KIB,
  },
  W8: {
    what: "one LF line of 32 MiB, in 1 KiB chunks",
    ...byLF,
    frameLength: 32 * MIB,
    frames: 1,
    chunkLength: KIB,
  },
};

/** The names of all workloads. */
export const workloadNames: readonly string[] = Object.keys(recipes);

/** A length in four bytes, most significant first. */
export function bigEndian(length: number): number[] {
  return [length >>> 24, length >>> 16 & 255, length >>> 8 & 255, length & 255];
}

/**
 * Holds what somebody has found against what there is to find.
 *
 * @throws {Error} It is something else.
 */
export function expectTally(name: string, found: Tally, expected: Tally): void {
  for (const key of ["frames", "lengths", "firsts"] as const) {
    if (found[key] === expected[key]) continue;
    throw new Error(`${name} has found ${found[key]} ${key}, not ${expected[key]}`);
  }
}

/** Makes a workload, the same one each time; of another number of frames, if that is told. */
export function workload(name: string, count?: number): Workload {
  const recipe = recipes[name];
  if (recipe === undefined) throw new Error(`There is no workload ${name}`);
  const {
    what,
    framer,
    chunkLength,
    frameLength,
    trailer,
    text = false,
  } = recipe;
  const frames = count ?? recipe.frames;
  const header = recipe.header(frameLength);
  const stride = header.length + frameLength + trailer.length;
  const bytes = new Uint8Array(stride * frames);
  fill(bytes, text);
  let firsts = 0;
  for (let at = 0; at < bytes.length; at += stride) {
    bytes.set(header, at);
    bytes.set(trailer, at + header.length + frameLength);
    firsts += bytes[at + header.length]!;
  }
  const expected = { frames, lengths: frames * frameLength, firsts };
  return { name, what, framer, bytes, chunkLength, expected };
}

/** The chunks of a workload: memory of its own for each, as sockets deliver them. */
export function chunksOf({ bytes, chunkLength }: Workload): Uint8Array[] {
  const chunks = [];
  for (let at = 0; at < bytes.length; at += chunkLength) {
    chunks.push(bytes.slice(at, at + chunkLength));
  }
  return chunks;
}

/** Fills with bytes that look random, from a fixed seed (xorshift32, Marsaglia 2003). */
function fill(bytes: Uint8Array, text: boolean): void {
  let state = 2_463_534_242;
  for (let at = 0; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = text ? 32 + (state >>> 8) % 95 : state >>> 8;
  }
}
