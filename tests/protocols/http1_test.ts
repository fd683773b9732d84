import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asymmetric,
  FrameDecoder,
  FrameEncoder,
  FrameTooLargeError,
  MalformedFrameError,
} from "../../mod.ts";
import { http1, type Http1Request, type Http1Response } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);

type Fields = [string, string][];

function response(
  status: number,
  reason: string,
  headers: Fields,
  body = "",
  rest: Partial<Http1Response> = {},
): Required<Http1Response> {
  const none = { version: "1.1", trailers: [] } as const;
  return { status, reason, headers, body: bytes(body), ...none, ...rest };
}

function request(
  method: string,
  target: string,
  headers: Fields,
  body = "",
  rest: Partial<Http1Request> = {},
): Required<Http1Request> {
  const none = { version: "1.1", trailers: [] } as const;
  return { method, target, headers, body: bytes(body), ...none, ...rest };
}

/** A client that has sent these requests. */
function clientAfter(...methods: string[]) {
  const protocol = http1();
  const encoder = new FrameEncoder(protocol);
  for (const method of methods) encoder.write({ method, target: "/" });
  return protocol;
}

/** A server that has received these requests. */
function serverAfter(...methods: string[]) {
  const protocol = http1({ side: "server" });
  const decoder = new FrameDecoder(protocol);
  for (const method of methods) decoder.push(bytes(`${method} / HTTP/1.1\r\n\r\n`));
  assert.equal(decoder.readAll().length, methods.length);
  return protocol;
}

const chunked: Fields = [["Transfer-Encoding", "gzip, Chunked"]];

test("http1() reads responses", slow, async () => {
  await verifyProtocol(() => clientAfter("HEAD", "GET", "GET", "GET", "GET", "GET"), [
    {
      messages: [
        response(200, "OK", [["Content-Length", "10"]]),
        response(103, "Early Hints", [["Link", "a"]]),
        response(200, "OK", [["content-length", "3"], ["X", "\xe4 b"], ["X", ""]], "abc"),
        response(204, "No Content", [["Content-Length", "5"]]),
        response(304, "", chunked),
        response(200, "", chunked, "hello0123456789", { trailers: [["X", "y"]] }),
        response(404, "Not Found", [["a", "b"]], "to the end\r\n\r\n", { version: "1.0" }),
      ],
      bytes: bytes(
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" +
          "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" +
          "HTTP/1.1 200 OK\r\ncontent-length:3\r\nX:\t \xe4 b \t\r\nX:\r\n\r\nabc" +
          "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n" +
          "HTTP/1.1 304 \r\nTransfer-Encoding: gzip, Chunked\r\n\r\n" +
          "HTTP/1.1 200\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n" +
          "5;ext=1\r\nhello\r\n00A ; a\r\n0123456789\r\n0\r\nX: y \r\n\r\n" +
          "HTTP/1.0 404 Not Found\r\na: b\r\n\r\nto the end\r\n\r\n",
      ),
      written: false,
      endsAnywhere: true,
    },
  ]);
  await verifyProtocol(() => clientAfter("CONNECT", "GET"), [
    {
      messages: [
        response(200, "OK", [["Content-Length", "1"]]),
        response(101, "", [["Upgrade", "x"]]),
        response(408, "", [["Transfer-Encoding", "gzip"]], ""),
      ],
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nHTTP/1.1 101 \r\nUpgrade: x\r\n\r\n" +
        "HTTP/1.1 408 \r\nTransfer-Encoding: gzip\r\n\r\n",
      written: false,
      endsAnywhere: true,
    },
  ]);
});

test("http1() reads the responses that it writes", slow, async () => {
  const both = () =>
    asymmetric<Required<Http1Response>, Http1Response>({
      read: clientAfter("HEAD", "GET", "GET"),
      write: serverAfter("HEAD", "GET", "GET"),
    });
  await verifyProtocol(both, [
    {
      messages: [
        response(200, "OK", [["Content-Length", "10"]]),
        response(103, "", [["Link", "a"]]),
        response(200, "OK", [["X", ""], ["Content-Length", "3"]], "abc"),
        response(200, "", [["Transfer-Encoding", "chunked"]], "hello", { trailers: [["X", "y"]] }),
      ],
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nHTTP/1.1 103 \r\nLink: a\r\n\r\n" +
        "HTTP/1.1 200 OK\r\nX: \r\nContent-Length: 3\r\n\r\nabc" +
        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    },
  ]);
});

test("http1() reads and writes requests", slow, async () => {
  const server = () => http1({ side: "server" });
  const both = () => asymmetric({ read: server(), write: http1() });
  await verifyProtocol(both, [
    {
      messages: [
        request("GET", "/?a=\xe4", [["Host", "a"]]),
        request("POST", "*", [["Content-Length", "4"]], "\r\n\r\n"),
        request("POST", "/", [["Content-Length", "0"]], ""),
        request("PUT", "/", [["Transfer-Encoding", "chunked"]], "abc", { trailers: [["a", "1"]] }),
        request("PUT", "/", [["Transfer-Encoding", "chunked"]]),
        request("OPTIONS", "*", [], "", { version: "1.0" }),
      ],
    },
    ...refusals(
      [
        "GET  / HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n",
      ],
      ["GET / HTTP/1.1 \r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "\nGET / HTTP/1.1\r\n\r\n"],
      ["GET / HTTP/1.1\n\n", "GET / HTTP/1.1\r\n\n", "GET / HTTP/1.1\r\na: b\n\r\n"],
      [" GET / HTTP/1.1\r\n\r\n", "get / http/1.1\r\n\r\n"],
      [
        " a: b",
        "a : b",
        "a: b\r\n c",
        "a: b\r\n\tc",
        ": b",
        "a",
        "a: b\rc: d",
        "a: \0",
        "a: b\x7f",
        "\x0ba: b",
        "a b: c",
        "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: 1\r\ncontent-length: 2",
        "Content-Length: 1, 1",
        "Content-Length: +1",
        "Content-Length: -1",
        "Content-Length: 0x1",
        "Content-Length: 1e1",
        "Content-Length: 2abc",
        "Content-Length: 1 1",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: x-chunked",
        "Transfer-Encoding: chunked;a=b",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding: \x0bchunked",
        'Transfer-Encoding: "chunked"',
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: ",
      ].map((field) => `POST / HTTP/1.1\r\n${field}\r\n\r\n`),
      ["POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
      [
        "\r\n",
        "-1\r\n",
        "0x1\r\na\r\n",
        "+1\r\na\r\n",
        " 1\r\na\r\n",
        "1 \r\na\r\n",
        "1\na\r\n",
        "1\r\nab\r\n",
        "1\r\na\n0\r\n\r\n",
        "1;a\nb\r\na\r\n",
        "1;a\rb\r\na\r\n",
        "fffffffffffffffff\r\n",
        "0\r\na b\r\n\r\n",
        "0\r\n\n",
      ].map((chunk) => `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`),
    ),
  ]);
});

test("http1() skips empty lines before a request, however they are cut", slow, async () => {
  await verifyProtocol(() => http1({ side: "server" }), [
    {
      messages: [request("GET", "/", []), request("GET", "/", [])],
      bytes: "\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n",
      written: false,
    },
    { messages: [], bytes: "\r\n\r\n" },
    {
      messages: [],
      bytes: "\r\n\n",
      error: { type: MalformedFrameError, offset: 2 },
    },
  ]);
});

test("http1() refuses what is too long", () => {
  const start = "POST / HTTP/1.1\r\n";
  for (
    const text of [
      `${start}Content-Length: 99999999999\r\n\r\n`,
      `${start}Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n`,
      `${start}${"a: b\r\n".repeat(11_000)}`,
      `GET /${"a".repeat(66_000)}`,
      `${start}Transfer-Encoding: chunked\r\n\r\n0\r\n${"a: b\r\n".repeat(11_000)}`,
    ]
  ) {
    const decoder = new FrameDecoder(http1({ side: "server" }));
    decoder.push(bytes(text));
    assert.throws(() => decoder.read(), FrameTooLargeError, text.slice(0, 70));
  }
});

test("http1() adds Content-Length", () => {
  const client = http1();
  const server = http1({ side: "server" });
  const requests = new FrameEncoder(client);
  const decoder = new FrameDecoder(server);
  for (const method of ["GET", "POST", "HEAD", "HEAD"]) {
    requests.write({ method, target: "/", body: bytes(method === "GET" ? "a" : "") });
  }
  const sent = concat(requests.drain());
  assert.equal(
    latin1(sent),
    "GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\naPOST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n" +
      "HEAD / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\n",
  );
  decoder.push(sent);
  assert.equal(decoder.readAll().length, 4);
  const responses = new FrameEncoder(server);
  responses.write({ status: 100 });
  responses.write({ status: 200, reason: "OK" });
  responses.write({ status: 204 });
  responses.write({ status: 200, body: bytes("abc") });
  responses.write({ status: 304, headers: [["Content-Length", "9"]] });
  const written = concat(responses.drain());
  assert.equal(
    latin1(written),
    "HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 \r\n\r\n" +
      "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nHTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n",
  );
  const reader = new FrameDecoder(client);
  reader.push(written);
  assert.deepEqual(reader.readAll().map(({ status }) => status), [100, 200, 204, 200, 304]);
});

test("http1() refuses messages that another program would read differently", () => {
  const get = { method: "GET", target: "/" };
  const refused: Http1Request[] = [
    { ...get, method: "G T" },
    { ...get, target: "/ HTTP/1.1\r\nHost: a\r\n\r\nGET /" },
    { ...get, target: "" },
    { ...get, headers: [["a\r\nb", "c"]] },
    { ...get, headers: [["a", "b\r\nc: d"]] },
    { ...get, headers: [["a", "\u20ac"]] },
    { ...get, headers: [["Content-Length", "1"]] },
    { ...get, headers: [["Content-Length", "x"]] },
    { ...get, headers: [["Transfer-Encoding", "gzip"]] },
    { ...get, headers: [["Transfer-Encoding", "chunked"], ["Content-Length", "0"]] },
    { ...get, trailers: [["a", "b"]] },
  ];
  for (const message of refused) verifyRefused(http1(), message, TypeError);
  const server = http1({ side: "server" });
  for (const status of [99, 1000, 204, 304, 100]) {
    verifyRefused(server, { status, body: bytes("a") }, TypeError);
  }
  verifyRefused(server, { status: 200, reason: "\r\n" }, TypeError);
  assert.throws(() => http1({ side: "peer" as "client" }), RangeError);
});
