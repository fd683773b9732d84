import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asymmetric,
  FrameDecoder,
  FrameEncoder,
  FrameTooLargeError,
  MalformedFrameError,
} from "../../mod.ts";
import {
  webSocket,
  type WebSocketFrame,
  webSocketFrames,
  type WebSocketMessage,
} from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex, numbered } from "../support/bytes.ts";
import { invalid, verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);
const server = { side: "server" } as const;

function frame(
  type: WebSocketFrame["type"],
  data: string,
  final = true,
  compressed = false,
): Required<WebSocketFrame> {
  return { type, final, compressed, data: bytes(data) };
}

/** The bytes of a frame without a mask. */
function plain(flags: number, text: string): string {
  const { length } = text;
  const size = length < 126 ? [length] : [126, length >> 8, length & 255];
  return String.fromCharCode(flags, ...size) + text;
}

const malformed = ["\x83\0", "\x8b\0", "\x90\0", "\xa0\0", "\xc0\0", "\xc9\0", "\x09\0"].concat(
  ["\x89\x7e\0\x7e", "\x81\x80", "\x82\x7e\0\x7d", "\x82\x7f\0\0\0\0\0\0\xff\xff"],
  ["\x82\x7f\x80\0\0\0\0\0\0\0"],
);

test("webSocketFrames() reads the frames of RFC 6455, section 5.7", slow, async () => {
  const long = "x".repeat(256);
  await verifyProtocol(asymmetric({ read: webSocketFrames(), write: webSocketFrames(server) }), [
    {
      messages: [
        frame("text", "Hello"),
        frame("text", "Hel", false),
        frame("continuation", "lo"),
        frame("ping", "Hello"),
        frame("binary", long),
        frame("binary", "a", true, true),
      ],
      bytes: bytes(
        "\x81\x05Hello\x01\x03Hel\x80\x02lo\x89\x05Hello\x82\x7e\x01\0" + long + "\xc2\x01a",
      ),
    },
    ...malformed.map((text) => ({ messages: [], bytes: bytes(text), error: MalformedFrameError })),
    { messages: [], bytes: hex("82 7f 00 00 00 00 7f 00 00 00"), error: FrameTooLargeError },
  ]);
  await verifyProtocol(webSocketFrames(server), [
    {
      messages: [frame("text", "Hello"), frame("pong", "Hello"), frame("close", "")],
      bytes: hex(
        "81 85 37 fa 21 3d 7f 9f 4d 51 58 8a 85 37 fa 21 3d 7f 9f 4d 51 58 88 80 01 02 03 04",
      ),
      written: false, // The masks are random.
    },
    { messages: [], bytes: bytes("\x81\x05Hello"), error: MalformedFrameError },
  ]);
});

test("webSocketFrames() writes what the other side reads", slow, async () => {
  const both = asymmetric({ read: webSocketFrames(), write: webSocketFrames(server) });
  await verifyProtocol(both, [
    {
      messages: [frame("text", "a", false), frame("continuation", ""), frame("close", "\x03\xe8")],
    },
  ]);
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const data = numbered(length);
    for (const [from, to] of [[{}, server], [server, {}]] as const) {
      const encoder = new FrameEncoder(webSocketFrames(from));
      encoder.write({ type: "binary", data });
      const decoder = new FrameDecoder(webSocketFrames(to));
      for (const chunk of encoder.drain()) decoder.push(chunk);
      assert.deepEqual(decoder.read()?.data, data);
    }
  }
  for (
    const message of [
      frame("ping", "x".repeat(126)),
      frame("close", "", false),
      frame("ping", "", true, true),
      frame("continuation", "", true, true),
      frame("other" as "text", ""),
    ]
  ) {
    verifyRefused(webSocketFrames(), message, TypeError);
  }
  assert.throws(() => webSocketFrames({ side: "peer" as "client" }), RangeError);
});

test("webSocket() masks each frame with another key", () => {
  const encoder = new FrameEncoder(webSocket());
  for (let count = 0; count < 600; count++) encoder.write({ type: "ping", data: bytes("") });
  const keys = new Set<string>();
  const stream = concat(encoder.drain());
  for (let at = 0; at < stream.length; at += 6) keys.add(`${stream.subarray(at + 2, at + 6)}`);
  assert.ok(keys.size > 590, `${keys.size} keys`);
});

test("webSocket() joins fragments", slow, async () => {
  const controls: [] = [];
  const ping = { type: "ping", data: bytes("p") } as const;
  const pong = { type: "pong", data: bytes("") } as const;
  await verifyProtocol<WebSocketMessage>(webSocket(), [
    {
      messages: [
        { type: "text", text: "h\u20acllo", controls },
        ping,
        { type: "binary", data: bytes("ab"), controls: [ping, pong] },
        { type: "text", text: "", controls },
        { type: "close", code: 1000, reason: "b\xe4" },
      ],
      bytes: bytes(
        plain(1, "h\xe2\x82") + plain(0, "\xac") + plain(0x80, "llo") + plain(0x89, "p") +
          plain(2, "a") + plain(0x89, "p") + plain(0x8a, "") + plain(0, "b") + plain(0x80, "") +
          plain(0x81, "") + plain(0x88, "\x03\xe8b\xc3\xa4"),
      ),
      written: false,
    },
    {
      messages: [{ type: "close", reason: "" }],
      bytes: bytes(plain(1, "a") + plain(0x88, "")),
      written: false,
    },
    ...[plain(0x80, "a"), plain(1, "a") + plain(0x81, "b"), plain(0xc1, "a"), ...malformed].map(
      (text) => ({ messages: [], bytes: bytes(text), error: MalformedFrameError }),
    ),
  ]);
});

test("webSocket() writes what the other side reads", slow, async () => {
  const both = asymmetric({ read: webSocket(), write: webSocket(server) });
  const messages: WebSocketMessage[] = [
    { type: "text", text: "\u20ac", controls: [] },
    { type: "binary", data: bytes(""), controls: [] },
    { type: "close", code: 4000, reason: "\u20ac" },
    { type: "close", reason: "" },
  ];
  await verifyProtocol(both, [{ messages }]);
  const encoder = new FrameEncoder(webSocket());
  for (const message of messages) encoder.write(message);
  await verifyProtocol(webSocket(server), [
    { messages, bytes: concat(encoder.drain()), written: false },
  ]);
  for (const code of [999, 1005, 1006, 1015, 5000, undefined]) {
    const close = { type: "close", reason: "x", ...code === undefined ? {} : { code } } as const;
    verifyRefused(webSocket(), close, TypeError);
  }
  verifyRefused(webSocket(), { type: "close", code: 1000, reason: "x".repeat(124) }, TypeError);
});

test("webSocket() reports text and closes that are invalid", bounded, async () => {
  const next = { message: { type: "pong", data: bytes("") } as const, bytes: bytes("\x8a\0") };
  const encoded = [
    plain(0x81, "\xff"),
    plain(1, "\xe2") + plain(0x80, "\x82"),
    plain(0x88, "\x03\xe8\xff"),
  ];
  const codes = [plain(0x88, "\x03"), plain(0x88, "\x03\xed")];
  await verifyProtocol(webSocket(), [
    ...invalid(next, /UTF-8/, ...encoded.map(bytes)),
    ...invalid(next, /status code/, ...codes.map(bytes)),
  ]);
});
