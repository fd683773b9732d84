/** The protocols of `examples/sequences`, in every face and every cut, and what they refuse. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder, FrameTooLargeError, MalformedFrameError } from "../../mod.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import { refusals } from "../support/cases.ts";
import { example } from "../support/examples.ts";
import { within } from "../support/limits.ts";

const { http } = await example(
  "sequences/http.ts",
) as typeof import("../../examples/sequences/http.ts");
const { mysql } = await example(
  "sequences/mysql.ts",
) as typeof import("../../examples/sequences/mysql.ts");
const { nbd } = await example(
  "sequences/nbd.ts",
) as typeof import("../../examples/sequences/nbd.ts");
const { resp } = await example(
  "sequences/resp.ts",
) as typeof import("../../examples/sequences/resp.ts");
const { ssh } = await example(
  "sequences/ssh.ts",
) as typeof import("../../examples/sequences/ssh.ts");

const slow = within(60_000);

test("Packets of MySQL that are joined", slow, async () => {
  await verifyProtocol(mysql(4), [
    {
      messages: [
        { number: 0, payload: [bytes("abc")] },
        { number: 254, payload: [bytes("abcd"), bytes("abcd"), bytes("")] },
        { number: 1, payload: [bytes("abcd"), bytes("x")] },
      ],
    },
    ...refusals(["\x04\0\0\x01abcd\x01\0\0\x01x"]),
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
  await verifyProtocol(create, [
    {
      messages: [
        { cookie: 2, error: 0 },
        { cookie: 3, error: 5 },
        { cookie: 1, error: 0, data: bytes("hello") },
      ],
      bytes: bytes(reply(0, 2) + reply(5, 3) + reply(0, 1, "hello")),
      written: false,
    },
    ...refusals([reply(0, 9), "x".repeat(16)]),
    { messages: [], bytes: bytes(reply(0, 4)), error: FrameTooLargeError },
  ]);
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

test("Values of RESP 2 and 3, nested", slow, async () => {
  await verifyProtocol(resp, [
    {
      bytes: bytes("+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\nbc\r\n$-1\r\n_\r\n,1.5\r\n#t\r\n"),
      messages: [
        "OK",
        { type: "-", text: "ERR no" },
        -42,
        bytes("a\r\nbc"),
        null,
        null,
        { type: ",", text: "1.5" },
        { type: "#", text: "t" },
      ],
      written: false,
    },
    {
      bytes: bytes("*2\r\n%1\r\n+a\r\n*1\r\n:1\r\n~0\r\n>1\r\n+b\r\n"),
      messages: [
        {
          type: "*",
          values: [
            { type: "%", values: ["a", { type: "*", values: [1] }] },
            { type: "~", values: [] },
          ],
        },
        { type: ">", values: ["b"] },
      ],
      written: false,
    },
    { bytes: bytes("$999999999\r\n"), messages: [], error: FrameTooLargeError },
    ...refusals(["$1\r\nab\r\n", "$-2\r\n", "*1e3\r\n", ":0x10\r\n", "?\r\n", "\r\n"]),
  ]);
  const deep = new FrameDecoder(resp);
  deep.push(bytes("*1\r\n".repeat(100_000) + "_\r\n"));
  assert.ok(deep.read() !== undefined);
  const encoder = new FrameEncoder(resp);
  encoder.write(["SET", "é", ""]);
  assert.deepEqual(encoder.drain(), [
    new TextEncoder().encode("*3\r\n$3\r\nSET\r\n$2\r\né\r\n$0\r\n\r\n"),
  ]);
});

test("Responses of HTTP/1.1 with every end of a body", slow, async () => {
  /** A protocol whose requests have been sent. */
  const after = (...methods: string[]) => () => {
    const protocol = http();
    const encoder = new FrameEncoder(protocol);
    for (const method of methods) encoder.write({ method, path: "/", host: "a.example" });
    return protocol;
  };
  const fields = (...entries: [string, string][]) => new Map(entries);
  await verifyProtocol(after("GET", "HEAD", "GET", "GET", "GET"), [{
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" +
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" +
      "HTTP/1.1 100 \r\n\r\nHTTP/1.1 204 None\r\nA: 1\r\na: 2\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n" +
      "HTTP/1.1 200 OK\r\n\r\nuntil the end",
    messages: [
      { status: 200, fields: fields(["content-length", "2"]), body: [bytes("hi")] },
      { status: 200, fields: fields(["content-length", "2"]), body: [] },
      { status: 100, fields: fields(), body: [] },
      { status: 204, fields: fields(["a", "1, 2"]), body: [] },
      {
        status: 200,
        fields: fields(["transfer-encoding", "chunked"], ["t", "1"]),
        body: [bytes("abc"), bytes("0123456789")],
      },
      { status: 200, fields: fields(), body: [bytes("until the end")] },
    ],
    written: false,
    endsAnywhere: true,
  }]);
  await verifyProtocol(
    after("GET"),
    refusals([
      "HTTP/2 200 OK\r\n",
      "HTTP/1.1 20 OK\r\n",
      "HTTP/1.1 200\r\nno field\r\n",
      "HTTP/1.1 200\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200\r\nContent-Length: 0x1\r\n\r\na",
      "HTTP/1.1 200\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
    ]),
  );
});
