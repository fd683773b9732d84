import { concat } from "../bytes/concat.ts";
import { hexadecimal } from "../bytes/hexadecimal.ts";
import type { Codec } from "../codecs/codec.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { utf8 } from "./text_parts.ts";

/** A packet of git without data: at the end of a list, between two, and at the end of a response. */
export type PktLineMark = "flush" | "delimiter" | "responseEnd";

/** A packet of git's side-band: contents, text for people, or a fatal error. */
export interface SideBandPacket {
  /** Kind of the packet. */
  readonly band: "data" | "progress" | "error";
  /** Its bytes, at most 65,515. */
  readonly data: Uint8Array;
}

const MARKS = ["flush", "delimiter", "responseEnd"] as const;
const BANDS = ["data", "progress", "error"] as const;
const HEADER = 4;
/** Maximum length of a packet in bytes (gitprotocol-common). */
const MAX_LENGTH = 65_520;

/**
 * Packets of git, with or without the side-band (gitprotocol-common, "pkt-line Format"; gitprotocol-pack;
 * gitprotocol-v2).
 *
 * ```text
 *   ┌────────┬──────┐   ┌────────┬──────┬──────┐
 *   │ length │ data │   │ length │ band │ data │   length: 4 hexadecimal digits that count themselves
 *   └────────┴──────┘   └────────┴──────┴──────┘   0000 flush, 0001 delimiter, 0002 response end
 *     4                   4        1
 * ```
 *
 * A line keeps its LF, if it has one. The side-band begins where both sides have agreed on it: switch to
 * `pktLine({ sideBand: true })` for the contents of a pack. The limit is 65,520 bytes, git's own.
 *
 * @param options `sideBand`: whether packets have a band; default `false`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { pktLine } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(pktLine());
 * decoder.push(new TextEncoder().encode("0006a\n0000"));
 * assert.deepEqual([...decoder], [new TextEncoder().encode("a\n"), "flush"]);
 * ```
 */
export function pktLine(
  options?: { readonly sideBand?: false },
): Protocol<Uint8Array | PktLineMark>;
/** Packets with a band. */
export function pktLine(
  options: { readonly sideBand: true },
): Protocol<SideBandPacket | PktLineMark>;
export function pktLine(
  { sideBand = false }: { readonly sideBand?: boolean } = {},
): Protocol<Uint8Array | PktLineMark> | Protocol<SideBandPacket | PktLineMark> {
  return sideBand
    ? { framer, codec: packetsOf(bandIn, withBand), maxFrameLength: MAX_LENGTH }
    : { framer, codec: packetsOf((data) => data, (data) => data), maxFrameLength: MAX_LENGTH };
}

const framer: Framer = {
  measure(input) {
    const digits = input.look(HEADER);
    if (digits === undefined) return undefined;
    let size = 0;
    for (let index = 0; index < HEADER; index++) {
      const digit = parseInt(String.fromCharCode(digits[index]!), 16);
      if (!(digit >= 0)) throw new MalformedFrameError("length is not hexadecimal");
      size = size * 16 + digit;
    }
    if (size === 3) throw new MalformedFrameError("length 3 is unknown");
    return Math.max(size, HEADER);
  },
  write: (frame, output) => output.write(frame),
};

/** Reads and writes packets; their data are converted. */
function packetsOf<Packet>(
  read: (data: Uint8Array) => Packet & {},
  write: (packet: Packet) => Uint8Array,
): Codec<Uint8Array, Packet | PktLineMark> {
  return {
    decode(frame) {
      // Only a mark has a length that is shorter than the packet.
      const mark = frame[2] === 0x30 && frame[1] === 0x30 ? MARKS[frame[3]! - 0x30] : undefined;
      return frame.length === HEADER && mark !== undefined ? mark : read(frame.subarray(HEADER));
    },
    ...writing((packet: Packet | PktLineMark, output) => {
      const mark = MARKS.indexOf(packet as PktLineMark);
      const data = mark < 0 ? write(packet as Packet) : undefined;
      const size = data === undefined ? mark : HEADER + data.length;
      if (size > MAX_LENGTH) throw new RangeError(`Cannot write packet of ${size} bytes`);
      output.write(utf8(hexadecimal(size, HEADER)));
      if (data !== undefined) output.write(data);
    }),
  };
}

function bandIn(data: Uint8Array): SideBandPacket {
  const band = BANDS[data[0]! - 1];
  if (band === undefined) throw new MalformedFrameError("packet has no band from 1 to 3");
  return { band, data: data.subarray(1) };
}

function withBand({ band, data }: SideBandPacket): Uint8Array {
  const number = BANDS.indexOf(band) + 1;
  if (number === 0) throw new TypeError(`Invalid band ${band}: expected data, progress or error`);
  return concat([Uint8Array.of(number), data]);
}
