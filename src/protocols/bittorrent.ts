import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { lengthField } from "../framers/length_field.ts";
import type { Protocol } from "../protocol.ts";

/** The handshake with which both peers of BitTorrent begin. */
export interface BittorrentHandshake {
  /** Distinguishes it from messages. */
  readonly type: "handshake";
  /** Extensions: 8 bytes. */
  readonly reserved: Uint8Array;
  /** Hash of the torrent: 20 bytes. */
  readonly infoHash: Uint8Array;
  /** Identifier of the peer: 20 bytes. */
  readonly peerId: Uint8Array;
}

/** A message of BitTorrent that keeps the connection alive. */
export interface BittorrentKeepAlive {
  /** Distinguishes it from other messages. */
  readonly type: "keepAlive";
}

/** Any other message of BitTorrent. */
export interface BittorrentMessage {
  /** Distinguishes it from the handshake. */
  readonly type: "message";
  /** Kind of message: 4 for have, 6 for request, 7 for piece. */
  readonly id: number;
  /** Payload. */
  readonly payload: Uint8Array;
}

/** A handshake or a message of BitTorrent. */
export type BittorrentFrame = BittorrentHandshake | BittorrentKeepAlive | BittorrentMessage;

const NAME = /* @__PURE__ */ new TextEncoder().encode("\x13BitTorrent protocol");
/** Where the fields of a handshake begin, and where it ends. */
const RESERVED = 20;
const INFO_HASH = 28;
const PEER_ID = 48;
const HANDSHAKE = 68;

/**
 * BitTorrent's peer wire protocol (BEP 3, "peer protocol").
 *
 * ```text
 *   ┌────┬───────────────────────┬──────────┬───────────┬─────────┐
 *   │ 19 │ "BitTorrent protocol" │ reserved │ info hash │ peer id │   handshake
 *   └────┴───────────────────────┴──────────┴───────────┴─────────┘
 *     1    19                      8          20          20
 *   ┌────────┬────┬─────────┐
 *   │ length │ id │ payload │                                         message; of length 0: keep-alive
 *   └────────┴────┴─────────┘
 *     4        1
 * ```
 *
 * A frame that begins with 19 is a handshake: as a length it would exceed 300 MB. The default limit is 1 MiB;
 * pieces have 16 KiB, and the longest message is the bitfield of a large torrent.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { bittorrent } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(bittorrent());
 * decoder.push(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 4, 0, 0, 0, 7));
 * assert.deepEqual([...decoder], [
 *   { type: "keepAlive" },
 *   { type: "message", id: 4, payload: Uint8Array.of(0, 0, 0, 7) },
 * ]);
 * ```
 */
export function bittorrent(): Protocol<BittorrentFrame> {
  const messages = lengthField({ skip: 0 });
  return {
    framer: {
      measure(input) {
        if (input.peek() !== NAME[0]) return messages.measure(input);
        if (input.length < NAME.length) return undefined;
        if (NAME.every((byte, index) => input.peek(index) === byte)) return HANDSHAKE;
        throw new MalformedFrameError("it is neither a message nor a handshake");
      },
      write: (frame, output) => output.write(frame),
    },
    codec: {
      decode(frame) {
        if (frame[0] === NAME[0]) {
          return {
            type: "handshake",
            reserved: frame.subarray(RESERVED, INFO_HASH),
            infoHash: frame.subarray(INFO_HASH, PEER_ID),
            peerId: frame.subarray(PEER_ID),
          };
        }
        if (frame.length === 4) return { type: "keepAlive" };
        return { type: "message", id: frame[4]!, payload: frame.subarray(5) };
      },
      ...writing((message: BittorrentFrame, output) => {
        if (message.type === "handshake") {
          const { reserved, infoHash, peerId } = message;
          if (reserved.length !== 8 || infoHash.length !== 20 || peerId.length !== 20) {
            throw new RangeError("Cannot write handshake: expected fields of 8, 20 and 20 bytes");
          }
          output.write(NAME);
          output.write(reserved);
          output.write(infoHash);
          output.write(peerId);
        } else if (message.type === "message") {
          output.writeUint(1 + message.payload.length, 4);
          output.writeUint(message.id, 1);
          output.write(message.payload);
        } else output.writeUint(0, 4);
      }),
    },
    maxFrameLength: 2 ** 20,
  };
}
