import { test } from "node:test";
import { FrameTooLargeError } from "../../mod.ts";
import { rtsp, type RtspMessage, type RtspRequest, type RtspResponse } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);
type Fields = [string, string][];

function request(method: string, headers: Fields = [], body = ""): Required<RtspRequest> {
  return { type: "request", method, target: "*", version: "1.0", headers, body: bytes(body) };
}

function response(status: number, headers: Fields = [], body = ""): Required<RtspResponse> {
  return { type: "response", status, reason: "OK", version: "1.0", headers, body: bytes(body) };
}

test("rtsp() reads and writes messages with packets between them", slow, async () => {
  await verifyProtocol<RtspMessage>(rtsp(), [
    {
      messages: [
        request("OPTIONS", [["CSeq", "1"]]),
        { type: "packet", channel: 1, data: bytes("$$\r\n") },
        response(200, [["Content-Length", "5"]], "v=0\r\n"),
        { type: "packet", channel: 255, data: bytes("") },
        { ...response(404), version: "2.0" },
        request("ANNOUNCE", [["content-length", "1"]], "\r"),
      ],
    },
    ...refusals(
      ["X\r\n", "OPTIONS * HTTP/1.1\r\n", "OPTIONS * RTSP/1.0\n", " OPTIONS * RTSP/1.0\r\n"],
      ["Content-length: -1", "Content-Length: 1\r\nContent-Length: 1", "a : b", "a: b\r\n c"].map(
        (field) => `OPTIONS * RTSP/1.0\r\n${field}\r\n\r\n`,
      ),
    ),
    {
      messages: [],
      bytes: "OPTIONS * RTSP/1.0\r\nContent-Length: 9999999\r\n\r\n",
      error: FrameTooLargeError,
    },
  ]);
});

test("rtsp() adds Content-Length, and refuses messages that would be others", bounded, async () => {
  await verifyProtocol(rtsp(), [
    {
      messages: [{ ...response(200, [["Content-Length", "1"]], "a"), reason: "" }],
      bytes: "RTSP/1.0 200 \r\nContent-Length: 1\r\n\r\na",
      written: [{ type: "response", status: 200, body: bytes("a") }],
    },
  ]);
  for (
    const message of [
      request("A\r\nB"),
      request("$A"),
      response(99),
      request("A", [["a", "\r\n"]]),
      request("A", [["Content-Length", "1"]]),
    ]
  ) {
    verifyRefused<RtspMessage>(rtsp(), message, TypeError);
  }
  const data = new Uint8Array(65_536);
  verifyRefused<RtspMessage>(rtsp(), { type: "packet", channel: 1, data }, RangeError);
  verifyRefused<RtspMessage>(rtsp(), { type: "packet", channel: 256, data: bytes("") }, RangeError);
});

test("rtsp() reads and writes text in UTF-8", slow, async () => {
  const reason = { ...response(453, [["Server", "Gr\u00fc\u00dfe \u20ac"]]), reason: "\u20ac" };
  const target = "rtsp://a/\u00fc";
  await verifyProtocol<RtspMessage>(rtsp(), [
    { messages: [reason, { ...request("OPTIONS"), target }] },
    {
      messages: [{ ...response(200), reason: "\ufffd" }],
      bytes: bytes("RTSP/1.0 200 \xff\r\n\r\n"),
      written: false,
    },
  ]);
});

test("rtsp() reads no body after a status that has none", slow, async () => {
  const headers: Fields = [["Content-Length", "376"]];
  for (const status of [100, 204, 304]) {
    await verifyProtocol<RtspMessage>(rtsp(), [
      {
        messages: [response(status, headers), { type: "packet", channel: 0, data: bytes("a") }],
        bytes: `RTSP/1.0 ${status} OK\r\nContent-Length: 376\r\n\r\n$\0\0\x01a`,
      },
    ]);
    verifyRefused<RtspMessage>(rtsp(), response(status, [], "a"), TypeError);
    for (const wrong of [[...headers, ...headers], [["Content-Length", "x"]]] as Fields[]) {
      verifyRefused<RtspMessage>(rtsp(), response(status, wrong), TypeError);
    }
  }
});

test("rtsp() skips empty lines between messages, however they are cut", slow, async () => {
  const start = "OPTIONS * RTSP/1.0\r\n\r\n";
  const stream = bytes(`\r\n\r\n${start}\r\n$\0\0\0\r\n${start}`);
  const packet = { type: "packet", channel: 0, data: bytes("") } as const;
  const messages = [request("OPTIONS"), packet, request("OPTIONS")];
  await verifyProtocol<RtspMessage>(rtsp(), [
    { messages, bytes: stream, written: false },
    ...refusals([`\r${start}`, `\n${start}`]),
  ]);
});
