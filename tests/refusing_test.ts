/**
 * Refusing a frame costs no more than reading it, however it arrives. The tests count looks at bytes, and
 * allocated bytes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  delimited,
  FrameDecoder,
  type Framer,
  FramingError,
  headed,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  marked,
  tagged,
  uint32,
} from "../mod.ts";
import { bytes, chunksOf, latin1 } from "./support/bytes.ts";
import { allocated, countLooks } from "./support/counting.ts";
import { failure } from "./support/framing.ts";
import { within } from "./support/limits.ts";

const MIB = 1_048_576;

/** A framer that searches for the end of a frame, and a stream of one frame of `size` bytes. */
interface Searched {
  readonly name: string;
  readonly framer: Framer;
  readonly stream: (size: number) => Uint8Array;
}

/** Returns `size` filler bytes between a beginning and an end. */
function filled(start: string, size: number, end: string): Uint8Array {
  const stream = new Uint8Array(start.length + size + end.length).fill(0x78);
  stream.set(bytes(start));
  stream.set(bytes(end), start.length + size);
  return stream;
}

/** Returns a framer that scans, keeps its position in a memo, and counts its looks at bytes. */
function scanning(memo: (at: number, last: unknown) => unknown): Framer & { looks: number } {
  return {
    looks: 0,
    measure(input) {
      let at = atOf(input.memo);
      for (let byte = input.peek(at); byte !== undefined; byte = input.peek(++at)) {
        this.looks++;
        if (byte === 0x7d) return at + 1;
        if (byte === 0x21) throw new MalformedFrameError("no");
      }
      input.memo = memo(at, input.memo);
      return undefined;
    },
    write: () => {},
  };
}

function atOf(memo: unknown): number {
  return typeof memo === "number" ? memo : (memo as { at: number } | undefined)?.at ?? 0;
}

/** Functions that create the memo of a position, by the kind of memo. */
const memos: Readonly<Record<string, (at: number, last: unknown) => unknown>> = {
  "a number": (at) => at,
  "a new object": (at) => ({ at }),
  "the same object": (at, last) => Object.assign(last ?? {}, { at }),
};

const searched: readonly Searched[] = [
  { name: "lines()", framer: lines(), stream: (size) => filled("", size, "\r\n") },
  {
    name: "delimited()",
    framer: delimited("\r\n\r\n"),
    stream: (size) => filled("", size, "\r\n\r\n"),
  },
  {
    name: "delimited() of several",
    framer: delimited(["\n", "\r\n", "x\0"]),
    stream: (size) => filled("", size, "\r\n"),
  },
  {
    name: "delimited({ keep })",
    framer: delimited("\r\n", { keep: true }),
    stream: (size) => filled("", size - 2, "\r\n"),
  },
  { name: "marked()", framer: marked("<<", ">>"), stream: (size) => filled("<<", size, ">>") },
  {
    name: "tagged() over lines()",
    framer: tagged({ 0x2b: lines() }),
    stream: (size) => filled("+", size - 1, "\n"),
  },
];

/** Decodes a stream of chunks and returns the error, if any. */
function deliver(
  framer: Framer,
  maxFrameLength: number,
  chunks: Iterable<Uint8Array>,
): unknown {
  const decoder = new FrameDecoder({ framer, maxFrameLength });
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      decoder.visit(() => {});
    }
  } catch (error) {
    assert.ok(error instanceof FramingError, `${error}`);
    return error;
  }
  return undefined;
}

for (const { name, framer, stream } of searched) {
  for (const size of [MIB, 8 * MIB]) {
    test(
      `${name} refuses ${size} bytes at no more than the cost of reading them`,
      within(60_000),
      () => {
        for (const cut of [Infinity, 65_536]) {
          const all = stream(size);
          const looks = (limit: number) =>
            countLooks((counted) => {
              const chunks = cut === Infinity ? [all] : chunksOf(all, cut);
              const error = deliver(framer, limit, chunks.map(counted));
              assert.equal(error !== undefined, limit < size);
            });
          const memory = (limit: number) => {
            const chunks = cut === Infinity ? [all] : chunksOf(all, cut);
            return allocated(() => deliver(framer, limit, chunks));
          };
          const [read, refused] = [looks(size), looks(size - 1)];
          assert.ok(refused <= read * 1.1 + 10_000, `${refused} looks, ${read} for reading`);
          assert.ok(memory(size - 1) <= memory(size) + 10_000, "more memory than for reading");
        }
      },
    );
  }
}

for (const [kind, memo] of Object.entries(memos)) {
  for (const size of [MIB, 8 * MIB, 32 * MIB]) {
    test(
      `a framer whose memo is ${kind} refuses ${size} bytes at no more than the cost of reading them`,
      within(60_000),
      () => {
        for (const end of ["}", "!"]) {
          const all = filled("", size - 1, end);
          for (const cut of [Infinity, 65_536]) {
            const refuse = (limit: number) => {
              const framer = scanning(memo);
              const error = deliver(framer, limit, cut === Infinity ? [all] : chunksOf(all, cut));
              return { looks: framer.looks, message: (error as Error | undefined)?.message };
            };
            const { looks, message } = refuse(size - 2);
            assert.match(`${message}`, /of more than \d+ bytes at offset 0/);
            assert.ok(looks <= size * 1.1 + 10_000, `${looks} looks at ${size} bytes`);
            const whole = refuse(size);
            const malformed = end === "!";
            assert.equal(
              whole.message,
              malformed ? "Cannot read frame at offset 0: no" : undefined,
            );
            const most = (malformed ? 2.1 : 1.1) * size + 10_000;
            assert.ok(whole.looks <= most, `${whole.looks} looks at ${size} bytes`);
          }
        }
      },
    );
  }
}

test("FrameDecoder refuses an announced length over the limit in few steps and little memory", () => {
  const sizeAtEnd = (header: Uint8Array) => Number(/(\d+)$/.exec(latin1(header))?.[1]);
  const announced: readonly (readonly [Framer, string])[] = [
    [lengthPrefixed(uint32), "\0\x20\0\0"],
    [headed("\r\n\r\n", sizeAtEnd), `${"x".repeat(8000)} 2097152\r\n\r\n`],
  ];
  for (const [framer, header] of announced) {
    const all = filled(header, 2 * MIB, "");
    const memory = allocated(() => assert.ok(deliver(framer, MIB, [all])));
    assert.ok(memory < 10_000, `${memory} bytes`);
    let calls = 0;
    const watched: Framer = {
      measure: (input) => (calls++, framer.measure(input)),
      write: () => {},
    };
    assert.ok(deliver(watched, MIB, [all]));
    assert.ok(calls <= 8, `${calls} calls`);
  }
});

test("FrameDecoder searches a long header in few steps, however small the limit", () => {
  let calls = 0;
  const inner = headed("\n", () => 1, { maxHeaderLength: 2 * MIB });
  const framer: Framer = {
    measure: (input) => (calls++, inner.measure(input)),
    write: () => {},
  };
  const decoder = new FrameDecoder({ framer, maxFrameLength: 1 });
  decoder.push(filled("", MIB, "\nx"));
  assert.deepEqual(decoder.read(), bytes("x"));
  assert.ok(calls <= 8, `${calls} calls`);
});

test("FrameDecoder never shows a framer fewer bytes than its memo covers", () => {
  const remembering = (more: number | undefined): Framer => ({
    measure(input) {
      const at = input.memo as number ?? 0;
      if (input.length < at) throw new Error("the memo covers more bytes than are shown");
      input.memo = input.length;
      if (more !== undefined) input.atLeast(input.length + more);
      return undefined;
    },
    write: () => {},
  });
  for (const more of [undefined, 0, 3, 1000]) {
    const framer = remembering(more);
    for (const limit of [0, 5, 8, 9, 100, 70_000, MIB - 1]) {
      for (const cut of [Infinity, 65_536, 100_000]) {
        const all = filled("", MIB, "");
        const error = deliver(framer, limit, cut === Infinity ? [all] : chunksOf(all, cut));
        assert.match(`${error}`, new RegExp(`of more than ${limit} bytes at offset 0`));
      }
    }
  }
});

test("FrameDecoder refuses many small frames in one chunk in linear time", () => {
  let calls = 0;
  const framer: Framer = {
    measure: (input) => (calls++, lines().measure(input)),
    write: () => {},
  };
  const decoder = new FrameDecoder({ framer, maxFrameLength: 4 }, () => {});
  decoder.push(bytes("12345\n".repeat(20_000)));
  assert.deepEqual(decoder.readAll(), []);
  assert.ok(calls <= 20_000 * 8, `${calls} calls`);
});

test("FrameDecoder refuses a frame as soon as it is too long, however many bytes follow", () => {
  const looks = countLooks((counted) => {
    const decoder = new FrameDecoder({ framer: lines(), maxFrameLength: MIB });
    decoder.push(counted(filled("", 8 * MIB, "\n")));
    assert.match(failure(() => decoder.read()).message, /of more than 1048576 bytes at offset 0/);
  });
  assert.ok(looks <= 1.1 * MIB, `${looks} looks`);
});
