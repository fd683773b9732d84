/**
 * The workloads, and variants for libraries that support only one framing or are too slow for W8.
 *
 * @module
 */

import { fixed, type Framer, lengthField, lengthPrefixed, netstring, uint32LE } from "../../mod.ts";
import {
  bigEndian,
  framesOf,
  type Workload,
  workload,
  workloadNames,
} from "../support/workloads.ts";

/** The payloads of a workload in another framing. */
interface Variant {
  readonly of: string;
  readonly what: string;
  readonly framer: Framer;
  readonly header: (length: number) => readonly number[];
  readonly trailer?: readonly number[];
}

/** PostgreSQL messages: `d` is CopyData, and the length includes itself. */
const typed = {
  framer: lengthField({ offset: 1, counts: "field" }),
  header: (length: number) => [0x64, ...bigEndian(length + 4)],
};

const variants: Readonly<Record<string, Variant>> = {
  "W1-little": {
    of: "W1",
    what: "uint32LE + 64 B",
    framer: lengthPrefixed(uint32LE),
    header: (length) => bigEndian(length).reverse(),
  },
  "W1-typed": { of: "W1", what: "type + inclusive uint32 + 64 B", ...typed },
  "W2-typed": { of: "W2", what: "type + inclusive uint32 + 1 KiB", ...typed },
  "W1-enveloped": {
    of: "W1",
    what: "flags + uint32 + 64 B",
    framer: lengthField({ offset: 1 }),
    header: (length) => [0, ...bigEndian(length)],
  },
  "W1-netstring": {
    of: "W1",
    what: "netstrings of 64 B",
    framer: netstring(),
    header: (length) => [...new TextEncoder().encode(`${length}:`)],
    trailer: [0x2c],
  },
  "W1-fixed": { of: "W1", what: "64 B without a header", framer: fixed(64), header: () => [] },
};

/** The names of all streams. */
export const streamNames: readonly string[] = [
  ...workloadNames,
  "W4s",
  "W8-short",
  ...Object.keys(variants),
];

/** Makes a stream, identical every time. */
export function stream(name: string): Workload {
  if (name === "W4s") return { ...workload("W4"), name, what: "W4, lines as strings" };
  if (name === "W8-short") return shortLine();
  const variant = variants[name];
  return variant === undefined ? workload(name) : reframed(name, variant);
}

/** A shorter W8, for libraries whose time grows with the square of a line. */
function shortLine(): Workload {
  const work = workload("W8");
  const bytes = work.bytes.slice(0, 524_289);
  bytes[bytes.length - 1] = 10;
  const expected = { ...work.expected, lengths: bytes.length - 1 };
  const what = "one LF line of 512 KiB, in 1 KiB chunks";
  return { ...work, name: "W8-short", what, bytes, expected };
}

function reframed(name: string, { of, what, framer, header, trailer = [] }: Variant): Workload {
  const original = workload(of);
  const parts = framesOf(original).flatMap((frame) => [header(frame.length), frame, trailer]);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { ...original, name, what: `${what}, in 64 KiB chunks`, framer, bytes };
}
