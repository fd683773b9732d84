import { MalformedFrameError } from "../errors.ts";
import { fixed } from "../framers/fixed.ts";
import type { Protocol } from "../protocol.ts";
import { uint } from "./integers.ts";
import { protocolOfSide } from "./sides.ts";

/** A version of Bolt. */
export interface BoltVersion {
  /** Major version; 0 if no version suits both sides. */
  readonly major: number;
  /** Minor version. */
  readonly minor: number;
  /** How many earlier minor versions are offered too; default 0. */
  readonly range?: number;
}

const MAGIC = 0x6060b017;
/** Number of versions that a client offers. */
const OFFERED = 4;

/**
 * Bolt's handshake: a client offers four versions, and the server chooses one (Bolt Protocol documentation,
 * "Bolt handshake"). Then both sides switch to {@link bolt}.
 *
 * ```text
 *   ┌─────────────┬──────────────────────────────┐
 *   │ 60 60 B0 17 │ 4 × (0, range, minor, major) │   client
 *   └─────────────┴──────────────────────────────┘
 *   ┌────────────────────┐
 *   │ 0, 0, minor, major │                             server
 *   └────────────────────┘
 * ```
 *
 * A client, the default side, sends the versions in order of preference, at most four. The manifest of later
 * versions, which is offered as version 255.1, is not supported. Nothing needs a limit: an offer has 20 bytes, a
 * choice 4.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { boltHandshake } from "@framewright/framewright/protocols";
 *
 * const client = new FrameEncoder(boltHandshake());
 * client.write([{ major: 5, minor: 4, range: 4 }]);
 * const server = new FrameDecoder(boltHandshake({ side: "server" }));
 * for (const chunk of client.drain()) server.push(chunk);
 * assert.deepEqual(server.read()![0], { major: 5, minor: 4, range: 4 });
 * ```
 */
export function boltHandshake(options?: {
  readonly side?: "client";
}): Protocol<Required<BoltVersion>, readonly BoltVersion[]>;
/** The server's side of Bolt's handshake: reads the offered versions and writes the chosen one. */
export function boltHandshake(options: {
  readonly side: "server";
}): Protocol<readonly Required<BoltVersion>[], BoltVersion>;
export function boltHandshake(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
):
  | Protocol<Required<BoltVersion>, readonly BoltVersion[]>
  | Protocol<readonly Required<BoltVersion>[], BoltVersion> {
  const offers: Protocol<readonly Required<BoltVersion>[], readonly BoltVersion[]> = {
    framer: fixed(4 + 4 * OFFERED),
    codec: { decode: decodeOffer, encode: encodeOffer },
  };
  const choices: Protocol<Required<BoltVersion>, BoltVersion> = {
    framer: fixed(4),
    codec: { decode: (frame) => versionAt(frame, 0), encode: encodeVersion },
  };
  return protocolOfSide(side, offers, choices);
}

function decodeOffer(frame: Uint8Array): Required<BoltVersion>[] {
  if (uint(frame, 0, 4) !== MAGIC) throw new MalformedFrameError("it is not Bolt's handshake");
  return [4, 8, 12, 16].map((at) => versionAt(frame, at));
}

function encodeOffer(versions: readonly BoltVersion[]): Uint8Array {
  if (versions.length > OFFERED) {
    throw new RangeError(`Cannot offer ${versions.length} versions: expected at most ${OFFERED}`);
  }
  const frame = new Uint8Array(4 + 4 * OFFERED);
  frame.set([0x60, 0x60, 0xb0, 0x17]);
  for (const [index, version] of versions.entries()) {
    frame.set(encodeVersion(version), 4 + 4 * index);
  }
  return frame;
}

function versionAt(frame: Uint8Array, at: number): Required<BoltVersion> {
  return { major: frame[at + 3]!, minor: frame[at + 2]!, range: frame[at + 1]! };
}

function encodeVersion({ major, minor, range = 0 }: BoltVersion): Uint8Array {
  if (
    [major, minor, range].every((value) => Number.isInteger(value) && value >= 0 && value < 256)
  ) {
    return Uint8Array.of(0, range, minor, major);
  }
  throw new RangeError(`Invalid version ${major}.${minor}: expected integers from 0 to 255`);
}
