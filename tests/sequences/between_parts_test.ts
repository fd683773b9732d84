import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  fixed,
  FrameDecoder,
  type Framer,
  lines,
  type Part,
  part,
  sequence,
  type SequenceProtocol,
  text,
} from "../../mod.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import { outcome, outcomeOfAnyCut } from "../support/sequences.ts";

/** A line whose CR is enough to end it: an LF that follows belongs to it, whenever it arrives. */
const line: Part<string> = part({ framer: lines({ cr: true }), codec: text() });
const fullLine: Part<string> = part({
  framer: lines({ cr: true, skipEmpty: true }),
  codec: text(),
});

/** Lines up to an empty one. */
const block: SequenceProtocol<string[]> = sequence({
  *read() {
    for (const read: string[] = [];;) {
      const next = yield* line;
      if (next === "") return read;
      read.push(next);
    }
  },
});

/** Parts that need no byte, or one that must not be the LF of the line before it. */
const mixed: SequenceProtocol<string[]> = sequence({
  *read() {
    const first = yield* fullLine;
    yield* part(fixed(0));
    const second = yield* line;
    return [first, second, new TextDecoder().decode(yield* part(fixed(1)))];
  },
});

/** A frame that ends with `;`. Each `!` before it is noise. */
const noisyFramer: Framer = {
  measure(input) {
    let noise = 0;
    while (input.peek(noise) === 0x21) noise++;
    if (noise > 0) input.discard(noise, "noise");
    const end = input.find(SEMICOLON);
    if (end !== undefined) input.drop(1);
    return end;
  },
  write: () => {},
};
const SEMICOLON = bytes(";");
const noisy: SequenceProtocol<string[]> = sequence({
  *read() {
    const frame = part({ framer: noisyFramer, codec: text() });
    return [yield* frame, yield* frame];
  },
});

test("sequence() leaves out an optional trailer after a part, wherever the stream is cut", () => {
  assert.deepEqual(outcomeOfAnyCut(block, "a\rb\r\n\r\nc\nd\r\n\rx\r\r\n"), [
    ["a", "b"],
    ["c", "d"],
    ["x"],
  ]);
  assert.deepEqual(outcomeOfAnyCut(mixed, "\r\n\n\ra\rb\r\nc\n\r\nx\n\ny"), [
    ["a", "b", "c"],
    ["x", "", "y"],
  ]);
});

test("sequence() delivers a message before the optional trailer of its last part", () => {
  const decoder = new FrameDecoder(block);
  decoder.push(bytes("a\r\r"));
  assert.deepEqual(decoder.read(), ["a"]);
  decoder.push(bytes("\n"));
  assert.equal(decoder.buffered, 0);
  decoder.push(bytes("b\r\n\r"));
  assert.deepEqual(decoder.read(), ["b"]);
});

test("sequence() continues with a part that needs no byte before the optional trailer of the last one", () => {
  let reached = false;
  const decoder = new FrameDecoder(sequence({
    *read() {
      const first = yield* line;
      yield* part(fixed(0));
      reached = true;
      return [first, yield* line];
    },
  }));
  decoder.push(bytes("a\r"));
  assert.equal(decoder.read(), undefined);
  assert.ok(reached);
  decoder.push(bytes("\nb\n"));
  assert.deepEqual(decoder.read(), ["a", "b"]);
});

test("sequence() applies its limit to a part after an optional trailer when its start is known", () => {
  const padded = sequence({
    maxFrameLength: 4,
    *read() {
      yield* part(fixed(2));
      yield* line;
      return yield* part(fixed(2));
    },
  });
  for (const [stream, length] of [["ab\r\n;;", 6], ["ab\r;;", 5]] as const) {
    assert.match(
      String(outcomeOfAnyCut(padded, stream)),
      new RegExp(`frame of ${length} bytes .*limit is 4.*length ${length}$`),
    );
  }
});

test("sequence() reports noise that a framer discards before a part, once for each run", () => {
  const reports: string[] = [];
  const stream = "!!a;!b;!!!c;d;!!";
  const decoder = new FrameDecoder(noisy, (error) => reports.push(error.message));
  for (const chunk of chunksOf(bytes(stream), 1)) {
    decoder.push(chunk);
    decoder.readAll();
  }
  decoder.end();
  assert.equal(decoder.read(), undefined);
  assert.deepEqual(
    reports,
    [0, 4, 7, 14].map((offset) => `Cannot read frame at offset ${offset}: noise`),
  );
  assert.deepEqual(outcomeOfAnyCut(noisy, stream), [["a", "b"], ["c", "d"]]);
});

test("sequence() does not start again when the first part discards bytes", () => {
  let started = 0;
  const decoder = new FrameDecoder(sequence({
    *read() {
      started++;
      return yield* fullLine;
    },
  }));
  for (const byte of "\n\r\n\na\n") {
    decoder.push(bytes(byte));
    decoder.readAll();
  }
  assert.equal(started, 1);
});

test("sequence() gives the same outcome in any chunks, with noise and optional trailers", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(block, mixed, noisy),
      fc.array(fc.constantFrom("\r", "\n", "a", "\r\n", "!", ";", "b"), { maxLength: 10 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
      fc.oneof(fc.constant(Infinity), fc.nat(8)),
      fc.boolean(),
      (protocol, pieces, sizes, maxFrameLength, handled) => {
        const stream = bytes(pieces.join(""));
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          chunks.push(stream.slice(at, at + size));
          at += size;
        }
        const run = (given: Uint8Array[]) => {
          const reported: unknown[] = [];
          const onInvalid = handled ? (error: unknown) => reported.push(`${error}`) : undefined;
          return [outcome({ ...protocol, maxFrameLength }, given, onInvalid), reported];
        };
        const expected = run([stream]);
        assert.deepEqual(run(chunks), expected);
        assert.deepEqual(run(chunksOf(stream, 1)), expected);
      },
    ),
    { numRuns: 3000 },
  );
});

test("A part waits for the rest of an optional trailer that has arrived in part", () => {
  const trailer = bytes("ab");
  /** A byte, and a trailer of two bytes that is left out if it comes next. */
  const byte: Framer = {
    measure(input) {
      if (input.length === 0) return undefined;
      input.expect(trailer, { optional: true });
      return 1;
    },
    write: () => {},
  };
  const pair = sequence({
    *read() {
      const first = yield* part({ framer: byte, codec: text() });
      return first + (yield* part({ framer: byte, codec: text() }));
    },
  });
  assert.deepEqual(outcomeOfAnyCut(pair, "xabyxaxyabxaab"), ["xy", "xa", "xy", "xa"]);
});
