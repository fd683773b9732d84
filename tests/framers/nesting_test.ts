/**
 * A framer that answers "not yet" leaves the reader as it found it, so that another framer can be tried
 * on the same bytes, or wrapped around it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  afterBom,
  ber,
  contentLength,
  decimal,
  decimalUntil,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  FramingError,
  headed,
  hex,
  inclusive,
  lengthField,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  tagged,
  terminated,
  TruncatedFrameError,
  uint16,
  uint24LE,
  uint32,
  uint48,
  uint64,
  uint64LE,
  uint8,
  untilClose,
  varint,
  varintOf,
} from "../../mod.ts";
import { ByteQueue } from "../../src/bytes/byte_queue.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { within } from "../support/limits.ts";
import { deliveries, outcome } from "../support/outcomes.ts";

function sizeAtEnd(header: Uint8Array): number {
  return Number(/(\d)$/.exec(latin1(header))?.[1]);
}

/** All kinds of built-in framers, with pieces from which streams for them are made. */
const framers: readonly (readonly [name: string, framer: Framer, pieces: readonly string[]])[] = [
  ["fixed(3)", fixed(3), ["a", "bc"]],
  ["lines()", lines(), ["a", "\r", "\n", "\r\n"]],
  ["lines({ strict })", lines({ strict: true }), ["a", "\r", "\n", "\r\n"]],
  ["delimited(CRLF)", delimited("\r\n"), ["a", "\r", "\n", "\r\n"]],
  ["delimited(keep)", delimited("\n", { keep: true }), ["a", "\r", "\n"]],
  ["delimited(aab, keep)", delimited("aab", { keep: true }), ["a", "b", "aab"]],
  ["delimited(several)", delimited(["b", "abc", "bcd", "ac"]), ["a", "b", "c", "d", "x"]],
  ["delimited(several, keep)", delimited(["a", "aa", "aab"], { keep: true }), ["a", "b", "x"]],
  ["lengthPrefixed(uint8)", lengthPrefixed(uint8), ["\0", "\x01", "\x03", "a"]],
  ["lengthPrefixed(uint16)", lengthPrefixed(uint16), ["\0", "\x01", "\x03", "a"]],
  ["lengthPrefixed(uint24LE)", lengthPrefixed(uint24LE), ["\0", "\x01\0\0", "a"]],
  ["lengthPrefixed(uint32)", lengthPrefixed(uint32), ["\0\0\0", "\x02", "a"]],
  ["lengthPrefixed(uint48)", lengthPrefixed(uint48), ["\0\0\0\0\0", "\x02", "a"]],
  ["lengthPrefixed(uint64)", lengthPrefixed(uint64), ["\0\0\0\0\0\0\0", "\x01", "a"]],
  ["lengthPrefixed(uint64LE)", lengthPrefixed(uint64LE), ["\x01\0\0\0\0\0\0\0", "\0", "a"]],
  ["lengthPrefixed(varint)", lengthPrefixed(varint), ["\0", "\x01", "\x80", "\x83", "a"]],
  [
    "lengthPrefixed(varintOf(2))",
    lengthPrefixed(varintOf(2, { minimal: true })),
    ["\0", "\x01", "\x80", "\x83", "a"],
  ],
  ["lengthPrefixed(decimal)", lengthPrefixed(decimal(2)), ["0", "1", "3", "a"]],
  ["lengthPrefixed(hex)", lengthPrefixed(inclusive(hex(2), 2)), ["0", "2", "5", "a", "F"]],
  ["lengthPrefixed(until)", lengthPrefixed(decimalUntil("::")), ["0", "3", ":", "::", "a"]],
  ["netstring()", netstring(), ["0", "3", ":", ",", "1:a,", "0:,"]],
  ["lengthField()", lengthField({ offset: 1, size: 2, counts: "frame" }), ["\0", "\x03", "\x05"]],
  ["lengthField(keep)", lengthField({ size: 1, skip: 0 }), ["\0", "\x01", "\x03", "a"]],
  ["headed()", headed("\n", sizeAtEnd, { maxHeaderLength: 4 }), ["a", "0", "2", "\n"]],
  [
    "headed(keep)",
    headed("\r\n", sizeAtEnd, { maxHeaderLength: 4, keep: true }),
    ["a", "0", "2", "\r", "\n", "\r\n"],
  ],
  [
    "contentLength()",
    contentLength({ maxHeaderLength: 40 }),
    ["Content-Length:2\r\n\r\n", "content-length:1\r", "\n\r\n", "X:y\r\n", "a"],
  ],
  ["marked()", marked("<<", ">>"), ["<", "<<", ">", ">>", "a", "<<a>>"]],
  ["untilClose()", untilClose(), ["a", "bb"]],
  ["lines({ cr })", lines({ cr: true }), ["a", "\r", "\n", "\r\n"]],
  ["lines({ skipEmpty })", lines({ skipEmpty: true, strict: true }), ["a", "\r", "\n", "\r\n"]],
  ["delimited(last)", delimited(["ab", "b"], { last: "optional" }), ["a", "b", "c"]],
  ["delimited(skipEmpty)", delimited("ab", { keep: true, skipEmpty: true }), ["a", "b", "ab"]],
  ["marked(noise)", marked("<<", ">>", { noise: "skip" }), ["<", "<<", ">", ">>", "a", "<<a>>"]],
  ["headed(2)", headed(2, (header) => header[1]! & 1, { keep: true }), ["a", "b", "c"]],
  ["terminated()", terminated(netstring(), "::"), ["1:a,", "0:,", ":", "::"]],
  ["terminated(keep)", terminated(delimited("\n", { keep: true }), "b"), ["a", "\n", "b"]],
  ["afterBom()", afterBom(delimited("\n", { keep: true })), ["\xef", "\xbb", "\xbf", "\n", "a"]],
  ["ber()", ber(), ["\x30", "\x02", "\x1f", "\x81", "\0", "\x01"]],
  [
    "tagged()",
    tagged({
      0x61: 1,
      0x62: lines({ strict: true }),
      0x63: netstring(),
      0x64: lengthPrefixed(uint16),
      0x65: marked("<", ">>"),
      0x66: delimited(["ab", "b"], { keep: true }),
      0x67: headed("\n", sizeAtEnd, { maxHeaderLength: 3 }),
      0x68: tagged({ 0x61: lines(), 0x62: contentLength({ maxHeaderLength: 20 }) }),
    }),
    [..."abcdefgh", "\n", "\r", "1:a,", "\0\x01", "<a>", ">", "2\n", "Content-Length:1\r\n\r\n"],
  ],
];

/** Tries `other` if `inner` answers "not yet". */
function either(inner: Framer, other: Framer): Framer {
  return {
    measure: (input) => inner.measure(input) ?? other.measure(input),
    write: () => {},
  };
}

/** Frames of another framer, each after a header of two bytes that is not part of it. */
function afterHeader(framer: Framer): Framer {
  return {
    measure(input) {
      if (input.length < 2) return undefined;
      input.skip(2);
      const length = framer.measure(input);
      if (length === undefined) input.skip(-2);
      return length;
    },
    write: () => {},
  };
}

/** Asserts that a framer has left its reader unchanged, except for bytes that it has discarded. */
function untouched(queue: ByteQueue, start: number): void {
  if (queue.discarded) start = 0;
  assert.equal(queue.offset - queue.frameOffset, start, "the cursor has moved");
  assert.equal(queue.extent(0), start, "bytes are dropped");
  queue.expect(bytes(","));
}

for (const [name, framer, pieces] of framers) {
  const streams = fc.array(fc.constantFrom(...pieces), { maxLength: 7 }).map((parts) =>
    bytes(parts.join(""))
  );

  test(`${name} leaves the reader as it found it when it answers "not yet"`, within(60_000), () => {
    fc.assert(
      fc.property(streams, fc.nat(2), (stream, start) => {
        for (let end = start; end <= stream.length; end++) {
          for (const ended of [false, true]) {
            for (const cut of [0, Math.ceil(end / 2)]) {
              const queue = new ByteQueue();
              queue.push(stream.slice(0, cut));
              queue.push(stream.slice(cut, end));
              if (ended) queue.finish();
              queue.rewind();
              queue.skip(start);
              try {
                if (framer.measure(queue) !== undefined) continue;
              } catch (error) {
                assert.ok(error instanceof FramingError, `${error}`);
                continue;
              }
              untouched(queue, start);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test(
    `${name} ?? untilClose() delivers the frames, then the rest, however the stream is cut`,
    within(60_000),
    () => {
      fc.assert(
        fc.property(streams, (stream) => {
          const alone = new FrameDecoder({ framer, maxFrameLength: Infinity });
          alone.push(stream);
          const frames: string[] = [];
          let failed: Error | undefined;
          try {
            for (const frame of alone) frames.push(latin1(frame));
            alone.end();
            for (const frame of alone) frames.push(latin1(frame));
          } catch (error) {
            // The other framer is not tried on an incomplete frame of announced length.
            const waits = error instanceof TruncatedFrameError &&
              error.expectedLength === undefined;
            if (waits) frames.push(latin1(error.partial));
            else failed = error as Error;
          }
          for (const delivery of deliveries(stream, [{ size: 2, asks: true }])) {
            const { frames: given, end } = outcome(
              either(framer, untilClose()),
              Infinity,
              delivery,
            );
            assert.deepEqual(given, frames);
            if (failed === undefined) assert.equal(end, "clean");
            else assert.equal((end as Error).message, failed.message);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test(
    `${name} ?? fixed(1) loses no byte that the first framer does not take`,
    within(60_000),
    () => {
      fc.assert(
        fc.property(streams, (stream) => {
          const decoder = new FrameDecoder({
            framer: either(framer, fixed(1)),
            maxFrameLength: Infinity,
          });
          decoder.push(stream);
          try {
            while (decoder.buffered > 0) {
              const rest = stream.slice(decoder.offset);
              // At the same offset, since a byte order mark counts only at the first one.
              const alone = new FrameDecoder(fixed(decoder.offset));
              alone.push(stream);
              if (decoder.offset > 0) alone.read();
              alone.switchTo({ framer, maxFrameLength: Infinity });
              const expected = alone.read();
              const waits = expected === undefined && alone.expectedLength === undefined;
              const frame = decoder.read();
              if (!waits) {
                assert.deepEqual(frame, expected);
                if (frame === undefined || decoder.buffered === rest.length) break;
                continue;
              }
              // Without the bytes that the first framer has discarded.
              const left = rest.slice(rest.length - alone.buffered);
              assert.deepEqual(frame, left.length > 0 ? left.slice(0, 1) : undefined);
              assert.equal(decoder.buffered, Math.max(0, left.length - 1));
            }
          } catch (error) {
            assert.ok(error instanceof FramingError, `${error}`);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test(
    `${name} inside another framer yields the same frames and errors however the stream is cut`,
    within(60_000),
    () => {
      fc.assert(
        fc.property(streams, fc.constantFrom(0, 1, 2, 3, 5, Infinity), (stream, limit) => {
          for (
            const [outer, header, limits] of [
              // The search of one of two framers implies a length that need not hold for the other.
              [either(framer, untilClose()), "", false],
              [tagged({ 0x2b: either(framer, untilClose()) }), "+", false],
              [afterHeader(either(framer, untilClose())), "##", false],
              [tagged({ 0x2b: framer }), "+", true],
              [afterHeader(framer), "##", true],
              [afterHeader(tagged({ 0x2b: afterHeader(framer) })), "##+##", true],
            ] as const
          ) {
            const whole = bytes(header + latin1(stream));
            const most = limits ? limit : Infinity;
            const expected = outcome(outer, most, { chunks: [whole], asks: true });
            for (const delivery of deliveries(whole, [{ size: 2, asks: true }])) {
              assert.deepEqual(outcome(outer, most, delivery), expected);
            }
          }
        }),
        { numRuns: 40 },
      );
    },
  );
}

test("delimited({ keep }) ?? untilClose() ends with the rest of the stream", within(60_000), () => {
  for (
    const [first, expected] of [
      [delimited("\n", { keep: true }), ["one\n", "two\r"]],
      [delimited("\n"), ["one", "two\r"]],
      [lines({ strict: true }), ["one", "two\r"]],
      [lines(), ["one", "two\r"]],
    ] as const
  ) {
    const stream = bytes("one\ntwo\r");
    for (const delivery of deliveries(stream, [{ size: 1, asks: true }])) {
      const { frames, end } = outcome(either(first, untilClose()), Infinity, delivery);
      assert.deepEqual(frames, expected);
      assert.equal(end, "clean");
    }
  }
});
