/**
 * The workloads, and variants of them for those who know one framing only, or are too slow for W8.
 *
 * @module
 */

import {
  fixed,
  FrameDecoder,
  type Framer,
  lengthField,
  lengthPrefixed,
  netstring,
  uint32LE,
} from "../../mod.ts";
import { bigEndian, type Workload, workload, workloadNames } from "../support/workloads.ts";

/** The payloads of a workload, framed in another way. */
interface Variant {
  readonly of: string;
  readonly what: string;
  readonly framer: Framer;
  readonly header: (length: number) => readonly number[];
  readonly trailer?: readonly number[];
}

const littleEndian = {
  framer: lengthPrefixed(uint32LE),
  header: (length: number) => bigEndian(length).reverse(),
};
/** PostgreSQL's messages: `d` is CopyData, and the length counts itself. */
const typed = {
  framer: lengthField({ offset: 1, counts: "field" }),
  header: (length: number) => [0x64, ...bigEndian(length + 4)],
};
const enveloped = {
  framer: lengthField({ offset: 1 }),
  header: (length: number) => [0, ...bigEndian(length)],
};
const netstrings = {
  framer: netstring(),
  header: (length: number) => [...new TextEncoder().encode(`${length}:`)],
  trailer: [0x2c],
};

const variants: Readonly<Record<string, Variant>> = {
  "W1-little": { of: "W1", what: "uint32LE + 64 B", ...littleEndian },
  "W1-typed": { of: "W1", what: "type + inclusive uint32 + 64 B", ...typed },
  "W2-typed": { of: "W2", what: "type + inclusive uint32 + 1 KiB", ...typed },
  "W1-enveloped": { of: "W1", what: "flags + uint32 + 64 B", ...enveloped },
  "W1-netstring": { of: "W1", what: "netstrings of 64 B", ...netstrings },
  "W1-fixed": { of: "W1", what: "64 B and nothing else", framer: fixed(64), header: () => [] },
};

const SHORT_LINE = 524_288;

/** The names of all streams. */
export const streamNames: readonly string[] = [
  ...workloadNames,
  "W4s",
  "W8-short",
  ...Object.keys(variants),
];

/** Makes a stream, the same one each time. */
export function stream(name: string): Workload {
  if (name === "W4s") return { ...workload("W4"), name, what: "W4, lines as strings" };
  if (name === "W8-short") return shortLine();
  const variant = variants[name];
  return variant === undefined ? workload(name) : reframed(name, variant);
}

/** W8 for those whose time grows with the square of a line. */
function shortLine(): Workload {
  const { bytes, ...rest } = workload("W8");
  const short = bytes.slice(0, SHORT_LINE + 1);
  short[SHORT_LINE] = bytes[bytes.length - 1]!;
  return {
    ...rest,
    name: "W8-short",
    what: "one LF line of 512 KiB, in 1 KiB chunks",
    bytes: short,
    expected: { ...rest.expected, lengths: SHORT_LINE },
  };
}

function reframed(
  name: string,
  { of, what, framer, header, trailer = [] }: Variant,
): Workload {
  const original = workload(of);
  const decoder = new FrameDecoder({ framer: original.framer });
  decoder.push(original.bytes);
  const payloads = [...decoder];
  const total = (sum: number, { length }: Uint8Array) =>
    sum + header(length).length + length + trailer.length;
  const bytes = new Uint8Array(payloads.reduce(total, 0));
  let at = 0;
  for (const payload of payloads) {
    for (const part of [header(payload.length), payload, trailer]) {
      bytes.set(part, at);
      at += part.length;
    }
  }
  return { ...original, name, what: `${what}, in 64 KiB chunks`, framer, bytes };
}
