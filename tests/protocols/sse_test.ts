import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FrameDecoder,
  FrameEncoder,
  FrameTooLargeError,
  lines,
  MalformedFrameError,
  readFrames,
} from "../../mod.ts";
import { type ServerSentEvent, sse } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import { countLooks } from "../support/counting.ts";
import { bounded } from "../support/limits.ts";

test("sse() passes verification", () => {
  const frames = ["data: a", "data: b\rdata: c", "x"];
  verifyFramer(sse().framer, [
    { frames: ["data: a", "id: 1\ndata: b", ": c"] },
    { frames, bytes: "\r\n\rdata: a\r\rdata: b\rdata: c\n\r\nx\n\n" },
  ]);
});

/** The end of the stream discards an unfinished event. */
const endsAnywhere = true;

/** The report of an unfinished event. */
function unfinished(offset: number) {
  return [{ type: MalformedFrameError, offset, message: /the stream ended inside an event$/ }];
}

test("sse() reads the examples of the specification, however they are cut", bounded, async () => {
  // WHATWG HTML, section 9.2.6, in its order.
  await verifyProtocol(sse(), [
    {
      messages: [{ data: "STOCK\n+2\n10" }],
      bytes: "data: STOCK\ndata: +2\ndata: 10\n\n",
      endsAnywhere,
    },
    {
      messages: [
        { comment: "test stream" },
        { data: "first event", id: "1" },
        { data: "second event", id: "" },
      ],
      bytes:
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
      invalid: unfinished(62),
      endsAnywhere,
    },
    {
      messages: [{ data: "" }, { data: "\n" }],
      bytes: "data\n\ndata\ndata\n\ndata:",
      invalid: unfinished(17),
      endsAnywhere,
    },
    {
      messages: [{ data: "test" }, { data: "test" }],
      bytes: "data:test\n\ndata: test\n\n",
      written: false,
      endsAnywhere,
    },
  ]);
});

test("sse() reads lines that end with CR, LF or CRLF, mixed", bounded, async () => {
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
      await verifyProtocol(sse(), [
        {
          messages: events,
          bytes: `event: a${one}data: 1${other}data: 2${one}${other}data: 3${other}${other}` +
            `data: 4${one}${other}data: 5\n\n`,
          written: false,
          endsAnywhere,
        },
        {
          messages: [{ data: "1" }],
          bytes: `${other}${other}data: 1${one}${other}${one}${other}`,
          written: false,
          endsAnywhere,
        },
      ]);
    }
  }
});

test("sse() reads an event at once when its blank line has arrived, also when that is a CR", () => {
  const ends = [["\n\n", ""], ["\r\r", "\n"], ["\r\n\r", "\n"], ["\n\r", "\n"]];
  for (const [end, next] of ends) {
    const decoder = new FrameDecoder(sse());
    decoder.push(bytes(`data: 1${end!.slice(0, -1)}`));
    assert.equal(decoder.read(), undefined);
    decoder.push(bytes(end!.slice(-1)));
    assert.deepEqual(decoder.read(), { data: "1" });
    assert.equal(decoder.buffered, 0);
    // An LF that follows belongs to the blank line, whichever protocol reads on.
    decoder.switchTo(lines()).push(bytes(`${next}x\n`));
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
    decoder.push(new TextEncoder().encode(`${block}\n\n`));
    assert.deepEqual(decoder.read(), event, block);
  }
});

test(
  "sse() skips one byte order mark, only at the start, and replaces invalid UTF-8",
  bounded,
  async () => {
    const read = { written: false, endsAnywhere } as const;
    await verifyProtocol(sse(), [
      { messages: [{ data: "a" }, {}], bytes: "\ufeffdata: a\n\n\ufeffdata: b\n\n", ...read },
      { messages: [{}], bytes: "\ufeff\ufeffdata: a\n\n", ...read },
      { messages: [{ data: "\ufeffa" }], bytes: "data:\ufeffa\n\n", ...read },
      { messages: [{ data: "€😀" }], bytes: "data: €😀\n\n", endsAnywhere },
      {
        messages: [{ data: "\ufffd\ufffd" }, { data: "\ufffd" }, { data: "a" }],
        bytes: bytes("data: \xff\xe2\x82\n\ndata: \xc3\n\ndata: a\n\n"),
        ...read,
      },
    ]);
  },
);

test("sse() discards an unfinished event, also without onInvalid", bounded, async () => {
  const rests = ["data: 2", "data: 2\n", "data: 2\r", "id: 3\ndata: 2\n", ":", "d"];
  await verifyProtocol(
    sse(),
    rests.map((rest) => ({
      messages: [{ data: "1" }],
      bytes: `data: 1\n\n${rest}`,
      invalid: unfinished(9),
      endsAnywhere,
    })),
  );
});

test("sse() skips an event over the limit", bounded, async () => {
  await verifyProtocol(
    { ...sse(), maxFrameLength: 20 },
    ["\n\n", "\r\r", "\r\n\r\n"].map((end) => ({
      messages: [{ data: "1" }, { data: "2" }],
      bytes: `data: 1${end}data: ${"a\n".repeat(100)}${end}data: 2${end}`,
      invalid: [{ type: FrameTooLargeError, offset: 7 + end.length }],
      endsAnywhere,
    })),
  );
});

test("sse() looks at each byte of an event with many lines a bounded number of times", () => {
  for (const line of ["data: 1\r\n", "data:\t\t1\n", "data: 1\r"]) {
    const event = bytes(`${line.repeat(10_000)}${line.slice(-1)}data: 2\n\n`);
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

test(
  "sse() reads lines that end otherwise after ones that are ASCII and end with LF",
  bounded,
  async () => {
    const events = ["data: 1\n\n", "data: 2\n\n", "data: 3\r\r", "data: 4\ndata: 5\rdata: 6\r\n\n"];
    const expected = [{ data: "1" }, { data: "2" }, { data: "3" }, { data: "4\n5\n6" }];
    const read = { written: false, endsAnywhere } as const;
    await verifyProtocol(sse(), [
      { messages: expected, bytes: events.join(""), ...read },
      {
        messages: [...expected, { data: "é\n7" }],
        bytes: `${events.join("")}data: é\rdata: 7\n\n`,
        ...read,
      },
    ]);
  },
);

test("sse() reads control characters in lines", bounded, async () => {
  const read = { written: false, endsAnywhere } as const;
  await verifyProtocol(sse(), [
    {
      messages: [{ data: "\t\t1\t\n\t" }, { data: "\0" }],
      bytes: "data:\t\t1\t\ndata:\t\r\rdata:\0\n\n",
      ...read,
    },
    { messages: [{ data: "1\n\t" }], bytes: "data: 1\r\n\tx\ndata:\t\n\n", ...read },
  ]);
});

test("sse() writes events", bounded, async () => {
  await verifyProtocol(sse(), [
    {
      messages: [
        { data: "a\nb\nc\nd" },
        { comment: "keep\nalive" },
        { event: "add", id: "7", retry: 10, data: "" },
        { data: " \ufeff€" },
      ],
      bytes: "data: a\ndata: b\ndata: c\ndata: d\n\n: keep\n: alive\n\n" +
        "event: add\nid: 7\nretry: 10\ndata: \n\ndata:  \ufeff€\n\n",
      written: [
        { data: "a\nb\r\nc\rd" },
        { comment: "keep\nalive" },
        { event: "add", id: "7", retry: 10, data: "" },
        { data: " \ufeff€" },
      ],
      endsAnywhere,
    },
  ]);
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
