import { test } from "node:test";
import { FrameTooLargeError } from "../../mod.ts";
import { stomp, type StompFrame } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);

function frame(command: string, headers: Record<string, string> = {}, body = "") {
  return { command, headers: new Map(Object.entries(headers)), body: bytes(body) };
}

test("stomp() reads and writes frames", slow, async () => {
  await verifyProtocol<StompFrame | "heartbeat">(stomp(), [
    {
      messages: [
        frame("CONNECT", { "accept-version": "1.2", host: "a\\c" }),
        frame("SEND", { to: "/q", "content-length": "3" }, "a\0b"),
        "heartbeat",
        frame("ACK", { id: "1:2\\\n\r" }),
        frame("MESSAGE", { "content-length": "0", "é:": "" }),
      ],
    },
    {
      messages: [frame("SEND", { a: "1", b: " x " }, "text"), "heartbeat", "heartbeat", frame("A")],
      bytes: "SEND\r\na:1\r\na:2\r\nb: x \r\n\r\ntext\0\n\r\nA\n\n\0",
      written: false,
    },
    ...refusals(
      ["SEND\nno header\n", "SEND\n:a\n", "SEND\ncontent-length:-1\n\n", "SEND\na:\\t\n"],
      ["SEND\na:\\\n", "SEND\ncontent-length:1\n\nab\0"],
    ),
    { messages: [], bytes: "SEND\ncontent-length:99999999\n\n", error: FrameTooLargeError },
  ]);
});

test("stomp() adds content-length to a body that contains NUL", bounded, async () => {
  await verifyProtocol(stomp(), [
    {
      messages: [frame("SEND", { "content-length": "2" }, "a\0"), frame("SEND", {}, "a")],
      bytes: "SEND\ncontent-length:2\n\na\0\0SEND\n\na\0",
      written: [
        { command: "SEND", body: bytes("a\0") },
        { command: "SEND", body: bytes("a") },
      ],
    },
  ]);
  for (
    const message of [
      frame(""),
      frame("SEND\n\n\0"),
      frame("SEND", { "": "a" }),
      frame("SEND", { "content-length": "1" }),
      frame("CONNECT", { a: "b\nc:d" }),
      frame("CONNECT", { "a:b": "c" }),
    ]
  ) {
    verifyRefused<StompFrame | "heartbeat">(stomp(), message, TypeError);
  }
});
