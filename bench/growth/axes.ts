/**
 * What grows, and how the time for it is measured.
 *
 * @module
 */

import { race } from "../support/race.ts";
import { type Figure, figureOf } from "../support/report.ts";
import { commandOf, pathOf } from "../support/runtimes.ts";
import { lengthText } from "../support/workloads.ts";
import { Pair } from "../tcp/pair.ts";
import { framed, raw } from "../tcp/programs.ts";
import { bytesIn, expectedIn, type Framing, type Stream } from "./stream.ts";

/** One quantity that grows. */
export interface Axis {
  readonly title: string;
  readonly xTitle: string;
  readonly format: (value: number) => string;
  readonly unit: string;
  readonly values: readonly number[];
  /** What is measured: a table for each. The first two are plotted. */
  readonly kinds: readonly string[];
  /** Measures one value of one kind on one runtime. */
  measure(runtime: string, kind: string, value: number): Promise<Figure>;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** Short streams are repeated up to this work in one run. */
const BYTES_PER_RUN = 4 * MIB;
const FRAMES_PER_RUN = 100_000;

/**
 * Environment that requests large pages and keeps them, from glibc for Deno and Node, from mimalloc for
 * Bun. Without it, long frames mostly measure how the kernel allocates pages.
 */
const LARGE_PAGES = [
  "env",
  "GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
  "MIMALLOC_ALLOW_LARGE_OS_PAGES=1",
  "MIMALLOC_PURGE_DELAY=-1",
];

/** All axes, by name. */
export const axes: Readonly<Record<string, Axis>> = {
  "frame-length": {
    title: "A frame of 1 to 256 MiB, in 64 KiB chunks",
    xTitle: "frame length",
    format: lengthText,
    unit: "ns per byte",
    values: powers(MIB, 4, 5),
    kinds: ["LF", "uint32"],
    measure(runtime, kind, frameLength) {
      const repeats = Math.max(1, BYTES_PER_RUN / frameLength);
      const framing = kind as Framing;
      const stream = { framing, frames: 1, frameLength, chunkLength: 64 * KIB, repeats };
      return timed(runtime, stream, bytesIn(stream) * repeats);
    },
  },
  "chunk-length": {
    title: "4 MiB of long frames, in chunks of 1 byte to 64 KiB",
    xTitle: "chunk length",
    format: lengthText,
    unit: "ns per byte",
    values: powers(1, 16, 5),
    kinds: ["LF, 4 MiB", "uint32, 4 MiB", "LF, 256 KiB", "uint32, 256 KiB"],
    measure(runtime, kind, chunkLength) {
      const [framing, length] = kind.split(", ") as [Framing, string];
      const frames = length === "4 MiB" ? 1 : 16;
      const frameLength = 4 * MIB / frames;
      const stream = { framing, frames, frameLength, chunkLength, repeats: 1 };
      return timed(runtime, stream, bytesIn(stream));
    },
  },
  frames: {
    title: "1 to 10,000,000 frames of 64 B in one stream, in 64 KiB chunks",
    xTitle: "frames in the stream",
    format: countText,
    unit: "ns per frame",
    values: powers(1, 10, 8),
    kinds: ["LF", "uint32"],
    measure(runtime, kind, frames) {
      const repeats = Math.max(1, FRAMES_PER_RUN / frames);
      const framing = kind as Framing;
      const stream = { framing, frames, frameLength: 64, chunkLength: 64 * KIB, repeats };
      return timed(runtime, stream, frames * repeats);
    },
  },
  connections: {
    title: "Ping-pong of 64 B over 1 to 10,000 connections, both ends on one core",
    xTitle: "connections",
    format: countText,
    unit: "µs per round trip",
    values: powers(1, 10, 5),
    kinds: ["Connection", "bare sockets"],
    measure: pingPong,
  },
};

/** Times a stream in its own process, for each of `count` units of work. */
async function timed(runtime: string, stream: Stream, count: number): Promise<Figure> {
  const file = pathOf("candidate.ts", import.meta.url);
  const command = [...LARGE_PAGES, ...await commandOf(runtime), file, JSON.stringify(stream)];
  const options = { rounds: 3, milliseconds: 40, warmUp: 250 };
  const [times] = await race([{ name: runtime, command }], expectedIn(stream), options);
  return figureOf(times!, count);
}

let pairs = 0;

/** Times round trips between two processes on one core, so that the work of both counts. */
async function pingPong(runtime: string, kind: string, connections: number): Promise<Figure> {
  const program = await (kind === "Connection" ? framed : raw)(runtime);
  // Each pair has its own address: ports of closed connections stay reserved for a minute.
  const hostname = Deno.build.os === "linux" ? `127.0.9.${++pairs}` : "127.0.0.1";
  const role = { hostname, size: 64, connections, api: "for await" };
  const pair = await Pair.start({
    server: { ...role, name: "echo" },
    client: { ...role, name: "pingPong" },
    serverProgram: program,
    clientProgram: program,
    sameCore: true,
  });
  try {
    // Thousands of connections need more time for each to have its turn.
    const milliseconds = 300 + connections / 10;
    for (let warmUp = 0; warmUp < 2; warmUp++) await pair.play(milliseconds);
    const rounds: number[] = [];
    while (rounds.length < 5) {
      const { nanoseconds, messages } = await pair.play(milliseconds);
      rounds.push(nanoseconds / messages);
    }
    return figureOf({ name: runtime, rounds }, 1000);
  } finally {
    await pair.end();
  }
}

function powers(first: number, base: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first * base ** index);
}

function countText(count: number): string {
  return count.toLocaleString("en-US");
}
