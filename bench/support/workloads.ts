/**
 * The streams of all benches in memory. Every candidate gets the same bytes in the same chunks.
 *
 * @module
 */

import {
  delimited,
  FrameDecoder,
  type Framer,
  lengthPrefixed,
  lines,
  uint32,
  varint,
} from "../../mod.ts";
import type { Tally } from "./tally.ts";

/** A stream, and how it is cut into chunks. */
export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly framer: Framer;
  readonly bytes: Uint8Array;
  readonly chunkLength: number;
  /** What every candidate must find. */
  readonly expected: Tally;
}

interface Recipe {
  readonly what: string;
  readonly framer: Framer;
  /** Returns the header of a frame of a given length. */
  readonly header: (length: number) => readonly number[];
  readonly trailer: readonly number[];
  readonly frameLength: number;
  readonly frames: number;
  /** Default: 64 KiB. */
  readonly chunkLength?: number;
  /** Whether the payload is printable ASCII. */
  readonly text?: boolean;
}

const KIB = 1024;
const MIB = 1024 * KIB;

const none = () => [];
const leb128 = (length: number) =>
  length < 128 ? [length] : [length % 128 + 128, Math.floor(length / 128)];
const prefixed = { framer: lengthPrefixed(uint32), header: bigEndian, trailer: [] };
const byLF = { framer: lines(), header: none, trailer: [10], text: true };
const byEmptyLine = { framer: delimited("\r\n\r\n"), header: none, trailer: [13, 10, 13, 10] };
const byVarint = { framer: lengthPrefixed(varint), header: leb128, trailer: [] };

const recipes: Readonly<Record<string, Recipe>> = {
  W1: { what: "uint32 + 64 B", ...prefixed, frameLength: 64, frames: 61_680 },
  W2: { what: "uint32 + 1 KiB", ...prefixed, frameLength: KIB, frames: 4080 },
  W3: { what: "uint32 + 1 MiB", ...prefixed, frameLength: MIB, frames: 16 },
  W4: { what: "LF lines of 80 B", ...byLF, frameLength: 80, frames: 51_780 },
  W5: { what: "LF lines of 80 B", ...byLF, frameLength: 80, frames: 12_000, chunkLength: 16 },
  W6: {
    what: "CRLFCRLF after 300 B",
    ...byEmptyLine,
    text: true,
    frameLength: 300,
    frames: 13_790,
  },
  W7: { what: "varint + 64 B", ...byVarint, frameLength: 64, frames: 64_520 },
  W8: {
    what: "one LF line of 32 MiB",
    ...byLF,
    frameLength: 32 * MIB,
    frames: 1,
    chunkLength: KIB,
  },
};

/** The names of all workloads. */
export const workloadNames: readonly string[] = Object.keys(recipes);

/** Returns a length as four bytes, most significant first. */
export function bigEndian(length: number): number[] {
  return [length >>> 24, length >>> 16 & 255, length >>> 8 & 255, length & 255];
}

/** Formats a length in bytes. */
export function lengthText(length: number): string {
  if (length >= MIB) return `${length / MIB} MiB`;
  return length >= KIB ? `${length / KIB} KiB` : `${length} B`;
}

/** Makes a workload, identical every time. */
export function workload(name: string, count?: number): Workload {
  const recipe = recipes[name];
  if (recipe === undefined) throw new Error(`Unknown workload ${name}`);
  const { framer, frameLength, trailer, frames: usual, chunkLength = 64 * KIB } = recipe;
  const frames = count ?? usual;
  const header = recipe.header(frameLength);
  const stride = header.length + frameLength + trailer.length;
  const bytes = new Uint8Array(stride * frames);
  fill(bytes, recipe.text === true);
  let firsts = 0;
  for (let at = 0; at < bytes.length; at += stride) {
    bytes.set(header, at);
    bytes.set(trailer, at + header.length + frameLength);
    firsts += bytes[at + header.length]!;
  }
  const what = `${recipe.what}, in ${lengthText(chunkLength)} chunks`;
  const expected = { frames, lengths: frames * frameLength, firsts };
  return { name, what, framer, bytes, chunkLength, expected };
}

/** Returns the chunks of a workload, each with its own memory, as sockets deliver them. */
export function chunksOf({ bytes, chunkLength }: Workload): Uint8Array[] {
  const chunks = [];
  for (let at = 0; at < bytes.length; at += chunkLength) {
    chunks.push(bytes.slice(at, at + chunkLength));
  }
  return chunks;
}

/** Returns the frames of a workload, as views of its bytes. */
export function framesOf({ framer, bytes }: Workload): Uint8Array[] {
  const decoder = new FrameDecoder({ framer, maxFrameLength: Infinity });
  decoder.push(bytes);
  return [...decoder];
}

/** Delivers chunks asynchronously, one per microtask. */
export function arriving(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  let at = 0;
  const next = (): Promise<IteratorResult<Uint8Array>> => {
    const value = chunks[at++];
    return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

/** Fills with pseudo-random bytes from a fixed seed (xorshift32, Marsaglia 2003). */
function fill(bytes: Uint8Array, text: boolean): void {
  let state = 2_463_534_242;
  for (let at = 0; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = text ? 32 + (state >>> 8) % 95 : state >>> 8;
  }
}
