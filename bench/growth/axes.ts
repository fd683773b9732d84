/**
 * What grows, and what must not grow with it.
 *
 * @module
 */

import type { Plot } from "../support/line_plot.ts";
import type { Figure } from "../support/report.ts";
import { framed, raw } from "../tcp/programs.ts";
import { connectionsOf } from "./connections.ts";
import { bytesIn, type Framing, type Stream } from "./stream.ts";
import { type Manner, timed } from "./timed.ts";

/** One thing that grows. */
export interface Axis {
  readonly title: string;
  /** What grows, and how its values are written. */
  readonly x: Plot["x"];
  readonly unit: string;
  readonly values: readonly number[];
  /** What it is measured on. The first two are plotted. */
  readonly kinds: readonly string[];
  /** Measures one value of one kind on one runtime. */
  measure(runtime: string, kind: string, value: number): Promise<Figure>;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** Short streams are repeated until there is so much to do in one run. */
const BYTES_A_RUN = 4 * MIB;
const FRAMES_A_RUN = 100_000;

/** All axes, by name. */
export const axes: Readonly<Record<string, Axis>> = {
  "frame-length": {
    title: "A frame of 1 to 256 MiB, in 64 KiB chunks",
    x: { title: "length of the frame", format: lengthText },
    unit: "ns a byte",
    values: powers(MIB, 4, 5),
    // Memory that is new to a process is made by the system, page after page, and small pages take it
    // far longer than framing does: so large ones are measured first.
    kinds: ["LF", "uint32", "LF, pages of 4 KiB", "LF by hand, pages of 4 KiB"],
    measure(runtime, kind, frameLength) {
      const framing = kind === "uint32" ? kind : "LF";
      const manner = { smallPages: kind.includes("4 KiB"), byHand: kind.includes("by hand") };
      return byByte(runtime, stream(framing, { frameLength, chunkLength: 64 * KIB }), manner);
    },
  },
  "chunk-length": {
    title: "4 MiB of long frames, in chunks of 1 byte to 64 KiB",
    x: { title: "length of a chunk", format: lengthText },
    unit: "ns a byte",
    values: powers(1, 16, 5),
    kinds: ["LF, 4 MiB", "LF, 256 KiB", "uint32, 4 MiB", "uint32, 256 KiB"],
    measure(runtime, kind, chunkLength) {
      const [framing, length] = kind.split(", ") as [Framing, string];
      const frames = length === "4 MiB" ? 1 : 16;
      return byByte(
        runtime,
        stream(framing, { frames, frameLength: 4 * MIB / frames, chunkLength }),
      );
    },
  },
  frames: {
    title: "1 to 10,000,000 frames of 64 B in one stream, in 64 KiB chunks",
    x: { title: "frames in the stream", format: countText },
    unit: "ns a frame",
    values: powers(1, 10, 8),
    kinds: ["LF", "uint32"],
    measure(runtime, kind, frames) {
      const repeats = Math.max(1, FRAMES_A_RUN / frames);
      const whole = stream(kind as Framing, { frames, frameLength: 64, chunkLength: 64 * KIB });
      return timed(runtime, { ...whole, repeats }, frames * repeats);
    },
  },
  connections: {
    title: "Ping-pong of 64 B over 1 to 10,000 connections, both ends on one core",
    x: { title: "connections", format: countText },
    unit: "µs a round trip",
    values: powers(1, 10, 5),
    kinds: ["Connection", "bare sockets"],
    async measure(runtime, kind, connections) {
      const play = kind === "Connection" ? await framed(runtime) : await raw(runtime);
      return connectionsOf(play, connections);
    },
  },
};

function stream(
  framing: Framing,
  { frames = 1, frameLength, chunkLength }:
    & Partial<Stream>
    & Pick<Stream, "frameLength" | "chunkLength">,
): Stream {
  const repeats = Math.max(1, Math.floor(BYTES_A_RUN / (frames * frameLength)));
  return { framing, frames, frameLength, chunkLength, repeats };
}

function byByte(runtime: string, stream: Stream, manner?: Manner): Promise<Figure> {
  return timed(runtime, stream, bytesIn(stream) * stream.repeats, manner);
}

function powers(first: number, base: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first * base ** index);
}

function lengthText(length: number): string {
  if (length >= MIB) return `${length / MIB} MiB`;
  return length >= KIB ? `${length / KIB} KiB` : `${length} B`;
}

function countText(count: number): string {
  return count.toLocaleString("en-US");
}
