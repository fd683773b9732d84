import { test } from "node:test";
import { bittorrent, type BittorrentFrame } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, hex, numbered } from "../support/bytes.ts";
import { fatal, type Golden, golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const handshake = {
  type: "handshake",
  reserved: hex("00 00 00 00 00 10 00 05"),
  infoHash: numbered(20),
  peerId: bytes("-FW0001-123456789012"),
} as const;
const cases: readonly Golden<BittorrentFrame>[] = [
  {
    message: handshake,
    bytes: concat([
      bytes("\x13BitTorrent protocol"),
      handshake.reserved,
      handshake.infoHash,
      handshake.peerId,
    ]),
  },
  { message: { type: "keepAlive" }, bytes: hex("00 00 00 00") },
  {
    message: { type: "message", id: 4, payload: hex("00 00 00 07") },
    bytes: hex("00 00 00 05 04 00 00 00 07"),
  },
  {
    message: { type: "message", id: 1, payload: new Uint8Array(0) },
    bytes: hex("00 00 00 01 01"),
  },
];

test("bittorrent() reads and writes handshakes and messages", bounded, async () => {
  await verifyProtocol(bittorrent(), [golden(cases)]);
});

test("bittorrent() refuses another handshake and hostile lengths", bounded, async () => {
  const other = bytes("\x13BitTorrent Protocol");
  await verifyProtocol(bittorrent(), [
    fatal(cases[1]!, other, /neither a message nor a handshake/),
    hostile(bytes("GET / HTTP/1.1")),
    hostile(hex("00 10 00 01")),
  ]);
});

test("bittorrent() refuses fields of the wrong length", () => {
  verifyRefused(bittorrent(), { ...handshake, peerId: numbered(19) }, RangeError);
  verifyRefused(bittorrent(), { ...handshake, infoHash: numbered(32) }, RangeError);
  verifyRefused(bittorrent(), { ...handshake, reserved: numbered(0) }, RangeError);
  verifyRefused(bittorrent(), { type: "message", id: 256, payload: numbered(1) }, RangeError);
});
