import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder, lines, readFrames } from "../../mod.ts";
import { type ServerSentEvent, sse } from "../../protocols.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import { countLooks } from "../support/counting.ts";
import { outcomeOf, sent, toBytes, verifyCases, verifySkipped } from "../support/protocols.ts";

test("sse() passes verification", () => {
  const frames = ["data: a", "data: b\rdata: c", "x"];
  verifyFramer(sse().framer, [
    { frames: ["data: a", "id: 1\ndata: b", ": c"] },
    { frames, bytes: "\r\n\rdata: a\r\rdata: b\rdata: c\n\r\nx\n\n" },
  ]);
});

test("sse() reads the examples of the specification, however they are cut", () => {
  // WHATWG HTML, section 9.2.6, in its order.
  verifyCases(sse(), [
    {
      messages: [{ data: "STOCK\n+2\n10" }],
      bytes: "data: STOCK\ndata: +2\ndata: 10\n\n",
    },
    {
      messages: [
        { comment: "test stream" },
        { data: "first event", id: "1" },
        { data: "second event", id: "" },
      ],
      bytes:
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
      reports: ["MalformedFrameError"],
    },
    {
      messages: [{ data: "" }, { data: "\n" }],
      bytes: "data\n\ndata\ndata\n\ndata:",
      reports: ["MalformedFrameError"],
    },
    { messages: [{ data: "test" }, { data: "test" }], bytes: "data:test\n\ndata: test\n\n" },
  ]);
});

test("sse() reads lines that end with CR, LF or CRLF, mixed", () => {
  const events: ServerSentEvent[] = [
    { event: "a", data: "1\n2" },
    { data: "3" },
    { data: "4" },
    { data: "5" },
  ];
  for (const one of ["\r", "\n", "\r\n"]) {
    for (const other of ["\r", "\n", "\r\n"]) {
      // A CR and an LF would be a single line end.
      if (one === "\r" && other === "\n") continue;
      verifyCases(sse(), [
        {
          messages: events,
          bytes: `event: a${one}data: 1${other}data: 2${one}${other}data: 3${other}${other}` +
            `data: 4${one}${other}data: 5\n\n`,
        },
        { messages: [{ data: "1" }], bytes: `${other}${other}data: 1${one}${other}${one}${other}` },
      ]);
    }
  }
});

test("sse() reads an event at once when its blank line has arrived, also when that is a CR", () => {
  const ends = [["\n\n", ""], ["\r\r", "\n"], ["\r\n\r", "\n"], ["\n\r", "\n"]];
  for (const [end, next] of ends) {
    const decoder = new FrameDecoder(sse());
    decoder.push(toBytes(`data: 1${end!.slice(0, -1)}`));
    assert.equal(decoder.read(), undefined);
    decoder.push(toBytes(end!.slice(-1)));
    assert.deepEqual(decoder.read(), { data: "1" });
    assert.equal(decoder.buffered, 0);
    // An LF that follows belongs to the blank line, whichever protocol reads on.
    decoder.switchTo(lines()).push(toBytes(`${next}x\n`));
    assert.deepEqual(decoder.read(), bytes("x"));
  }
});

test("sse() reads the fields of an event, and ignores unknown ones", () => {
  const events: readonly (readonly [block: string, event: ServerSentEvent])[] = [
    ["data", { data: "" }],
    ["data:  a : b ", { data: " a : b " }],
    ["data:\ta", { data: "\ta" }],
    [" data: a", {}],
    ["Data: a", {}],
    ["data : a", {}],
    ["event: a\nevent: b", { event: "b" }],
    ["event", { event: "" }],
    ["id: 1\0\nid:2", { id: "2" }],
    ["id: 1\nid: 2\0", { id: "1" }],
    ["id:", { id: "" }],
    ["retry: 3000", { retry: 3000 }],
    ["retry: 007", { retry: 7 }],
    ["retry: 3e3", {}],
    ["retry: -1", {}],
    ["retry: 1 ", {}],
    ["retry: 1.5", {}],
    ["retry:", {}],
    [`retry: ${"9".repeat(400)}`, {}],
    ["retry: ٣", {}],
    [": a\n:b\n:\ndata: c", { comment: "a\nb\n", data: "c" }],
    ["unknown: a\n__proto__: b\nconstructor", {}],
  ];
  for (const [block, event] of events) {
    const decoder = new FrameDecoder(sse());
    decoder.push(toBytes(`${block}\n\n`));
    assert.deepEqual(decoder.read(), event, block);
  }
});

test("sse() skips one byte order mark, only at the start, and replaces invalid UTF-8", () => {
  verifyCases(sse(), [
    { messages: [{ data: "a" }, {}], bytes: "\ufeffdata: a\n\n\ufeffdata: b\n\n", written: false },
    { messages: [{}], bytes: "\ufeff\ufeffdata: a\n\n", written: false },
    { messages: [{ data: "\ufeffa" }], bytes: "data:\ufeffa\n\n" },
    { messages: [{ data: "€😀" }], bytes: "data: €😀\n\n" },
  ]);
  const invalid = [bytes("data: \xff\xe2\x82\n\ndata: \xc3\n\n"), bytes("data: a\n\n")];
  assert.deepEqual(outcomeOf(sse(), invalid).messages, [
    { data: "\ufffd\ufffd" },
    { data: "\ufffd" },
    { data: "a" },
  ]);
});

test("sse() discards an unfinished event, also without onInvalid", () => {
  for (const rest of ["data: 2", "data: 2\n", "data: 2\r", "id: 3\ndata: 2\n", ":", "d"]) {
    const decoder = new FrameDecoder(sse());
    decoder.push(toBytes(`data: 1\n\n${rest}`));
    decoder.end();
    assert.deepEqual(decoder.readAll(), [{ data: "1" }]);
    assert.equal(decoder.read(), undefined);
    const { reports, error } = outcomeOf(sse(), [toBytes(rest)]);
    assert.deepEqual([reports, error], [["MalformedFrameError"], undefined]);
  }
});

test("sse() skips an event over the limit", () => {
  const protocol = { ...sse(), maxFrameLength: 100 };
  for (const end of ["\n\n", "\r\r", "\r\n\r\n"]) {
    verifySkipped(protocol, `data: 1${end}data: ${"a\n".repeat(3000)}${end}data: 2${end}`, [
      { data: "1" },
      { data: "2" },
    ]);
  }
});

test("sse() looks at each byte of an event with many lines a bounded number of times", () => {
  for (const line of ["data: 1\r\n", "data:\t\t1\n", "data: 1\r"]) {
    const event = toBytes(`${line.repeat(10_000)}${line.slice(-1)}data: 2\n\n`);
    const decoder = new FrameDecoder(sse());
    const read: ServerSentEvent[] = [];
    const looks = countLooks((counted) => {
      for (const chunk of chunksOf(event, 600)) {
        decoder.push(counted(chunk));
        read.push(...decoder);
      }
    });
    assert.deepEqual(read.map(({ data }) => data!.split("\n").length), [10_000, 1]);
    assert.ok(looks <= 10 * event.length, `${looks} looks at ${event.length} bytes`);
  }
});

test("sse() reads lines that end otherwise after ones that are ASCII and end with LF", () => {
  const events = ["data: 1\n\n", "data: 2\n\n", "data: 3\r\r", "data: 4\ndata: 5\rdata: 6\r\n\n"];
  const expected = [{ data: "1" }, { data: "2" }, { data: "3" }, { data: "4\n5\n6" }];
  verifyCases(sse(), [
    { messages: expected, bytes: events.join("") },
    { messages: [...expected, { data: "é\n7" }], bytes: `${events.join("")}data: é\rdata: 7\n\n` },
  ]);
});

test("sse() reads control characters in lines", () => {
  verifyCases(sse(), [
    {
      messages: [{ data: "\t\t1\t\n\t" }, { data: "\0" }],
      bytes: "data:\t\t1\t\ndata:\t\r\rdata:\0\n\n",
    },
    { messages: [{ data: "1\n\t" }], bytes: "data: 1\r\n\tx\ndata:\t\n\n" },
  ]);
});

test("sse() writes events", () => {
  assert.equal(
    sent(sse(), [
      { data: "a\nb\r\nc\rd" },
      { comment: "keep\nalive" },
      { event: "add", id: "7", retry: 10, data: "" },
      { data: " \ufeff€" },
    ]),
    "data: a\ndata: b\ndata: c\ndata: d\n\n: keep\n: alive\n\n" +
      "event: add\nid: 7\nretry: 10\ndata: \n\ndata:  \ufeff€\n\n",
  );
  const encoder = new FrameEncoder(sse());
  for (const wrong of [{}, { id: "a\0" }, { id: "a\nb" }, { event: "a\rb" }, { data: "\ud800" }]) {
    assert.throws(() => encoder.write(wrong), TypeError);
  }
  for (const retry of [-1, 1.5, NaN, Infinity]) {
    assert.throws(() => encoder.write({ retry }), RangeError);
  }
  assert.equal(encoder.pending, 0);
});

test("sse() reads the body of a response", async () => {
  const { body } = new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes(": ping\r\n\r\ndata: 1\r\n\r\ndata: 2\r\n\r\ndata: 3")) {
          controller.enqueue(Uint8Array.of(byte));
        }
        controller.close();
      },
    }),
  );
  const data: unknown[] = [];
  for await (const event of readFrames(body!, sse())) data.push(event.data);
  assert.deepEqual(data, [undefined, "1", "2"]);
});
