/** The protocols of `examples/sequences`, in every face and every cut, and what they refuse. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Connection,
  FrameDecoder,
  FrameEncoder,
  FrameTooLargeError,
  MalformedFrameError,
} from "../../mod.ts";
import { type ProtocolCase, verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf, latin1 } from "../support/bytes.ts";
import { example } from "../support/examples.ts";
import { within } from "../support/limits.ts";
import { recordingPair } from "../support/pairs.ts";
import { turn } from "../support/transports.ts";

const { resp } = await example(
  "sequences/resp.ts",
) as typeof import("../../examples/sequences/resp.ts");
const { imap } = await example(
  "sequences/imap.ts",
) as typeof import("../../examples/sequences/imap.ts");
const { ftpReplies, smtpReplies } = await example(
  "sequences/replies.ts",
) as typeof import("../../examples/sequences/replies.ts");
const { mailData } = await example(
  "sequences/mail_data.ts",
) as typeof import("../../examples/sequences/mail_data.ts");
const { httpResponses } = await example(
  "sequences/http.ts",
) as typeof import("../../examples/sequences/http.ts");
const { stomp } = await example(
  "sequences/stomp.ts",
) as typeof import("../../examples/sequences/stomp.ts");
const { nats } = await example(
  "sequences/nats.ts",
) as typeof import("../../examples/sequences/nats.ts");
const { memcachedCommands, memcachedReplies } = await example(
  "sequences/memcached.ts",
) as typeof import("../../examples/sequences/memcached.ts");
const { webSocket } = await example(
  "sequences/websocket.ts",
) as typeof import("../../examples/sequences/websocket.ts");
const { pktLines } = await example(
  "sequences/git.ts",
) as typeof import("../../examples/sequences/git.ts");
const { mysql } = await example(
  "sequences/mysql.ts",
) as typeof import("../../examples/sequences/mysql.ts");
const { nbd } = await example(
  "sequences/nbd.ts",
) as typeof import("../../examples/sequences/nbd.ts");
const { ssh } = await example(
  "sequences/ssh.ts",
) as typeof import("../../examples/sequences/ssh.ts");
const { rtsp } = await example(
  "sequences/rtsp.ts",
) as typeof import("../../examples/sequences/rtsp.ts");

const slow = within(60_000);

/** A case of bytes that are refused as malformed. */
function refused<In>(...streams: string[]): ProtocolCase<In>[] {
  return streams.map((stream) => ({
    messages: [],
    bytes: bytes(stream),
    error: MalformedFrameError,
  }));
}

test("RESP 2 and 3 with nested values", slow, async () => {
  const value = "*8\r\n+OK\r\n:-5\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n#t\r\n,1.5\r\n_\r\n";
  const pairs = "%1\r\n+a\r\n*2\r\n(12345678901234567890\r\n~0\r\n";
  await verifyProtocol(resp, [
    { messages: [["OK", -5n, bytes("a\r\n"), null, null, true, 1.5, null]], bytes: value },
    {
      messages: [{ type: "%", value: ["a", [12345678901234567890n, { type: "~", value: [] }]] }],
      bytes: pairs,
    },
    {
      messages: [
        { type: "-", value: "ERR no" },
        { type: "=", value: bytes("txt:a") },
        [],
        Infinity,
      ],
      bytes: "-ERR no\r\n=5\r\ntxt:a\r\n*0\r\n,inf\r\n",
    },
    ...refused<typeof resp extends { codec: { decode(frame: Uint8Array): infer In } } ? In : never>(
      "?\r\n",
      "$x\r\n",
      "*1\r\n$-5\r\n",
      ":1.5\r\n",
      "(1.5\r\n",
    ),
    { messages: [], bytes: "$3\r\nabcd\r\n", error: MalformedFrameError },
    { messages: [], bytes: "$1073741824\r\nabcd\r\n", error: FrameTooLargeError },
  ]);
  const encoder = new FrameEncoder(resp);
  encoder.write(["SET", "key", "ä"]);
  assert.equal(
    encoder.drain().map(latin1).join(""),
    "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$2\r\n\xc3\xa4\r\n",
  );
});

test("RESP values nested 50,000 deep", slow, () => {
  const decoder = new FrameDecoder(resp);
  for (const chunk of chunksOf(bytes("*1\r\n".repeat(50_000) + ":1\r\n"), 100)) decoder.push(chunk);
  let [value, depth] = [decoder.read(), 0];
  for (; Array.isArray(value); depth++) value = value[0]!;
  assert.deepEqual([value, depth], [1n, 50_000]);
});

test("IMAP commands with literals", slow, async () => {
  await verifyProtocol(imap(), [
    { messages: [["a LOGIN {3}", bytes("a\r\n"), " {2+}", bytes("pw"), ""], ["b NOOP"]] },
    { messages: [["a {0}", bytes(""), ""]], bytes: "a {0}\r\n\r\n" },
    { messages: [], bytes: "a {9999999999}\r\n", error: FrameTooLargeError },
    { messages: [], bytes: `${"x".repeat(9000)}\r\n`, error: FrameTooLargeError },
  ]);
});

test("An IMAP server permits a literal in the middle of a command", async () => {
  const pair = recordingPair();
  const server: Connection<unknown> = new Connection(pair, imap(() => void server.send(["+ OK"])));
  const command = server.receive();
  pair.push("a LOGIN {3}\r\n");
  for (let turns = 0; pair.chunks.length === 0 && turns < 10; turns++) await turn();
  assert.equal(pair.chunks.map(latin1).join(""), "+ OK\r\n");
  pair.push("abc\r\n");
  assert.deepEqual(await command, ["a LOGIN {3}", bytes("abc"), ""]);
  server.abort();
});

test("Replies of SMTP and FTP", slow, async () => {
  await verifyProtocol(smtpReplies, [
    {
      messages: [{ code: 250, lines: ["mx", "SIZE", "HELP"] }, { code: 354, lines: [""] }],
      bytes: "250-mx\r\n250-SIZE\r\n250 HELP\r\n354\r\n",
    },
    ...refused<{ code: number; lines: string[] }>("99 a\r\n", "250-a\r\n251 b\r\n", "250_a\r\n"),
  ]);
  await verifyProtocol(ftpReplies, [
    {
      messages: [{ code: 211, lines: ["status", "211-not yet", " 211 no", "end"] }, {
        code: 226,
        lines: ["done"],
      }],
      bytes: "211-status\r\n211-not yet\r\n 211 no\r\n211 end\r\n226 done\r\n",
    },
    ...refused<{ code: number; lines: string[] }>("hello\r\n"),
  ]);
});

test("Mails with dot-stuffing", slow, async () => {
  await verifyProtocol(mailData, [
    { messages: [["Subject: x", "", "..a", ".", "end"], [], [""]] },
    { messages: [["a.", ".b"]], bytes: "a.\r\n..b\r\n.\r\n" },
    { messages: [["\n.\r"]], bytes: "\n.\r\r\n.\r\n" },
  ]);
});

test("Responses of HTTP/1.1", slow, async () => {
  const none = new Map<string, string>();
  const response = (status: number, fields: [string, string][], ...body: string[]) => ({
    status,
    fields: new Map(fields),
    body: body.map(bytes),
    trailers: none,
  });
  await verifyProtocol(() => httpResponses(["HEAD", "GET", "GET", "GET", "GET"]), [
    {
      messages: [
        response(200, [["content-length", "10"]]),
        response(103, [["link", "a"]]),
        response(200, [["content-length", "3"]], "abc"),
        response(204, []),
        {
          ...response(200, [["transfer-encoding", "gzip, chunked"]], "hello", "0123456789"),
          trailers: new Map([["x", "y"]]),
        },
        response(404, [["a", "b"]], "to the end\r\n\r\n"),
      ],
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" +
        "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" +
        "HTTP/1.1 200 OK\r\ncontent-length:3\r\n\r\nabc" +
        "HTTP/1.1 204 No Content\r\n\r\n" +
        "HTTP/1.1 200\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" +
        "5;ext\r\nhello\r\na\r\n0123456789\r\n0\r\nX: y \r\n\r\n" +
        "HTTP/1.0 404 Not Found\r\nA: b\r\n\r\nto the end\r\n\r\n",
    },
    ...refused<ReturnType<typeof response>>(
      "SIP/2.0 200 OK\r\n",
      "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
      "HTTP/1.1 204 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    ),
  ]);
  await verifyProtocol(() => httpResponses(["GET"]), [
    ...refused<ReturnType<typeof response>>(
      "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    ),
    {
      messages: [],
      bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
      error: MalformedFrameError,
    },
  ]);
});

test("Frames of STOMP", slow, async () => {
  const body = bytes("a\0b");
  await verifyProtocol(stomp, [
    {
      messages: [
        { command: "SEND", headers: { to: "/q", "content-length": "3" }, body },
        { command: "", headers: {}, body: bytes("") },
        { command: "ACK", headers: { id: "1:2", "content-length": "0" }, body: bytes("") },
      ],
    },
    {
      messages: [{ command: "SEND", headers: { a: "1" }, body: bytes("text") }],
      bytes: "SEND\r\na:1\r\na:2\r\n\r\ntext\0",
    },
    ...refused<{ command: string; headers: Record<string, string>; body: Uint8Array }>(
      "SEND\nno header\n",
      "SEND\ncontent-length:-1\n\n",
    ),
    { messages: [], bytes: "SEND\ncontent-length:1\n\nab\0", error: MalformedFrameError },
  ]);
});

test("Operations of NATS", slow, async () => {
  await verifyProtocol(nats, [
    {
      messages: [
        { words: ["PING"] },
        { words: ["MSG", "a.b", "9", "5"], payload: bytes("a\r\nb\n") },
        { words: ["PUB", "a", "0"], payload: bytes("") },
        {
          words: ["HMSG", "a", "1", "12", "15"],
          headers: bytes("NATS/1.0\r\n\r\n"),
          payload: bytes("abc"),
        },
        { words: ["-ERR", "'no'"] },
      ],
    },
    ...refused<{ words: string[] }>("MSG a 1 -1\r\n", "MSG\r\n", "HMSG a 1 5 4\r\n"),
    { messages: [], bytes: "PUB a 1\r\nbc\r\n", error: MalformedFrameError },
  ]);
});

test("Commands and replies of memcached", slow, async () => {
  await verifyProtocol<{ line: string; data?: Uint8Array }>(memcachedCommands, [
    { messages: [{ line: "get a b" }, { line: "set a 0 0 4 noreply", data: bytes("\r\nab") }] },
    ...refused<{ line: string }>("set a 0 0\r\n", "set a 0 0 x\r\n"),
  ]);
  await verifyProtocol(memcachedReplies, [
    {
      messages: [
        [{ line: "STORED" }],
        [{ line: "VALUE a 0 3", data: bytes("END") }, { line: "VALUE b 1 0 77", data: bytes("") }, {
          line: "END",
        }],
        [{ line: "STAT pid 1" }, { line: "END" }],
      ],
    },
    { messages: [], bytes: "VALUE a 0 1\r\nabc\r\n", error: MalformedFrameError },
  ]);
});

test("Messages of WebSocket", slow, async () => {
  const frame = (flags: number, text: string) => {
    const mask = [1, 2, 3, 4];
    const size = text.length < 126 ? [text.length] : [126, text.length >> 8, text.length & 255];
    const masked = Array.from(bytes(text), (byte, index) => byte ^ mask[index & 3]!);
    return String.fromCharCode(flags, size[0]! + 128, ...size.slice(1), ...mask, ...masked);
  };
  const long = "x".repeat(300);
  await verifyProtocol(webSocket, [
    {
      messages: [
        [{ opcode: 1, data: bytes("hello") }],
        [{ opcode: 9, data: bytes("ping") }, { opcode: 2, data: bytes(`a${long}b`) }],
        [{ opcode: 8, data: bytes("") }],
      ],
      bytes: bytes(
        frame(0x81, "hello") + frame(0x02, "a") + frame(0x89, "ping") + frame(0, long) +
          frame(0x80, "b") + frame(0x88, ""),
      ),
    },
    ...refused<{ opcode: number; data: Uint8Array }[]>(
      frame(0x83, "a"),
      frame(0x80, "a"),
      frame(0x01, "a") + frame(0x81, "b"),
      frame(0x09, "a"),
      frame(0x89, long),
      "\x81\x01a",
      frame(0xc1, "a"),
    ),
    { messages: [], bytes: bytes("\x81\xff\0\0\0\0\x7f\0\0\0abcd"), error: FrameTooLargeError },
  ]);
});

test("pkt-lines of git", slow, async () => {
  await verifyProtocol(pktLines, [
    { messages: [bytes("hello\n"), "flush", "delimiter", bytes(""), "response end"] },
    { messages: [bytes("a"), "flush"], bytes: "0005a0000" },
    ...refused<Uint8Array | "flush">("0003", "00g5a", "+005a"),
    { messages: [], bytes: "fff5", error: FrameTooLargeError },
  ]);
});

test("Packets of MySQL that are joined", slow, async () => {
  await verifyProtocol(mysql(4), [
    {
      messages: [
        { number: 0, payload: [bytes("abc")] },
        { number: 254, payload: [bytes("abcd"), bytes("abcd"), bytes("")] },
        { number: 1, payload: [bytes("abcd"), bytes("x")] },
      ],
    },
    ...refused<{ number: number; payload: Uint8Array[] }>("\x04\0\0\x01abcd\x01\0\0\x01x"),
  ]);
  const decoder = new FrameDecoder(mysql());
  const encoder = new FrameEncoder(mysql());
  encoder.write({ number: 0, payload: [new Uint8Array(0xffffff), new Uint8Array(10)] });
  for (const whole of encoder.drain()) {
    for (const chunk of chunksOf(whole, 100_000)) decoder.push(chunk);
  }
  assert.deepEqual(decoder.read()!.payload.map(({ length }) => length), [0xffffff, 10]);
});

test("Replies of NBD, whose length depends on the request", slow, async () => {
  const reply = (error: number, cookie: number, data = "") =>
    `\x67\x44\x66\x98\0\0\0${String.fromCharCode(error)}\0\0\0\0\0\0\0${
      String.fromCharCode(cookie)
    }${data}`;
  const create = () => {
    const protocol = nbd();
    const encoder = new FrameEncoder(protocol);
    encoder.write({ type: "read", cookie: 1, offset: 0, data: 5 });
    encoder.write({ type: "write", cookie: 2, offset: 0, data: bytes("abc") });
    encoder.write({ type: "read", cookie: 3, offset: 0, data: 5 });
    encoder.write({ type: "read", cookie: 4, offset: 0, data: 2_000_000 });
    assert.equal(encoder.pending, 4 * 28 + 3);
    return protocol;
  };
  await verifyProtocol(
    create,
    [
      {
        messages: [{ cookie: 2, error: 0 }, { cookie: 3, error: 5 }, {
          cookie: 1,
          error: 0,
          data: bytes("hello"),
        }],
        bytes: reply(0, 2) + reply(5, 3) + reply(0, 1, "hello"),
      },
      ...refused<{ cookie: number; error: number }>(reply(0, 9), "x".repeat(16)),
      { messages: [], bytes: bytes(reply(0, 4)), error: FrameTooLargeError },
    ].map((one) => ({
      ...one,
      bytes: typeof one.bytes === "string" ? bytes(one.bytes) : one.bytes!,
    })),
  );
});

test("The version line and packets of SSH", slow, async () => {
  await verifyProtocol(ssh, [
    {
      messages: [
        { banner: ["hello"], version: "SSH-2.0-x" },
        bytes("\x14abc"),
        bytes(""),
        bytes("1234567"),
      ],
    },
    {
      messages: [{ banner: [], version: "SSH-2.0-x" }],
      bytes: bytes("SSH-2.0-x\n\0\0\0\x04\x04"),
      error: MalformedFrameError,
    },
    {
      messages: [{ banner: [], version: "SSH-2.0-x" }],
      bytes: bytes("SSH-2.0-x\n\x7f\0\0\x04\x04"),
      error: FrameTooLargeError,
    },
  ]);
});

test("RTSP with interleaved packets", slow, async () => {
  await verifyProtocol(rtsp, [
    {
      messages: [
        { head: "OPTIONS * RTSP/1.0\r\nCSeq: 1", body: bytes("") },
        { channel: 1, data: bytes("$$\r\n") },
        { head: "RTSP/1.0 200 OK\r\nContent-Length: 5", body: bytes("v=0\r\n") },
        { channel: 0, data: bytes("") },
      ],
    },
    ...refused<{ head: string; body: Uint8Array }>("X\r\nContent-length: -1\r\n\r\n"),
  ]);
});
