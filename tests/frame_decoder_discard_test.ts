/**
 * Bytes that belong to no frame: discarded before a frame, or left out after it if they come next.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  afterBom,
  type ByteReader,
  contentLength,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  headed,
  lines,
  MalformedFrameError,
  marked,
  tagged,
  TruncatedFrameError,
} from "../mod.ts";
import { FrameFinder } from "../src/frame_finder.ts";
import { bytes, chunksOf, latin1 } from "./support/bytes.ts";
import { failure } from "./support/framing.ts";
import { heldBy } from "./support/held.ts";
import { within } from "./support/limits.ts";

const mllp = marked("\x0b", "\x1c\r", { noise: "skip" });
const REASON = "frame does not begin with the begin mark";

/** Calls `run` with each way of cutting a stream into chunks: whole, byte by byte, and in two. */
function everyCut(stream: string, run: (chunks: Uint8Array[], how: string) => void): void {
  const all = bytes(stream);
  run([all], "whole");
  run(chunksOf(all, 1), "byte by byte");
  for (let cut = 1; cut < all.length; cut++) {
    run([all.slice(0, cut), all.slice(cut)], `cut at ${cut}`);
  }
}

/** Asserts the frames and reports of a stream in every cut, and that it ends cleanly. */
function gives(
  framer: Framer,
  stream: string,
  frames: readonly string[],
  reports: readonly (readonly [offset: number, message: string])[] = [],
): void {
  for (const visit of [false, true]) {
    everyCut(stream, (chunks, how) => {
      const events: string[] = [];
      const errors: MalformedFrameError[] = [];
      const decoder = new FrameDecoder(framer, (error) => {
        assert.ok(error instanceof MalformedFrameError);
        errors.push(error);
      });
      const drain = () => {
        if (visit) decoder.visit((all, start, end) => events.push(latin1(all.slice(start, end))));
        else events.push(...decoder.readAll().map(latin1));
      };
      for (const chunk of chunks) {
        decoder.push(chunk);
        drain();
      }
      decoder.end();
      drain();
      assert.deepEqual(events, frames, how);
      assert.deepEqual(errors.map(({ offset, message }) => [offset, message]), reports, how);
      assert.deepEqual([decoder.buffered, decoder.offset], [
        0,
        chunks.join().length && stream.length,
      ]);
    });
  }
}

test("lines({ cr }) delivers a line that ends with CR at once, and an LF after it belongs to it", () => {
  const framer = lines({ cr: true });
  gives(framer, "AT\r", ["AT"]);
  gives(framer, "AT\r\n", ["AT"]);
  gives(framer, "AT\r\nOK\r\rno\n\n\r\n", ["AT", "OK", "", "no", "", ""]);
  const decoder = new FrameDecoder(framer);
  decoder.push(bytes("AT\r"));
  assert.deepEqual(decoder.read(), bytes("AT"));
  assert.equal(decoder.buffered, 0);
  decoder.push(bytes("\n"));
  assert.deepEqual([decoder.buffered, decoder.offset], [0, 4]);
  decoder.end();
  assert.equal(decoder.read(), undefined);
});

test("skipEmpty and an empty line between two messages yield no frames", () => {
  gives(lines({ skipEmpty: true }), '\n1\n\r\n\n"2"\n\r\n', ["1", '"2"']);
  gives(lines({ cr: true, skipEmpty: true }), "\r\n1\r\r\n2\n\r", ["1", "2"]);
  const slip = delimited(Uint8Array.of(0xc0), { skipEmpty: true });
  gives(slip, "\xc0a\xc0\xc0b\xc0\xc0\xc0", ["a", "b"]);
  const message = "Content-Length: 2\r\n\r\n{}";
  gives(contentLength(), `\r\n${message}\r\n${message}\r\n\r\n`, ["{}", "{}"]);
});

test("delimited({ last: optional }) splits at separators", () => {
  gives(delimited(",", { last: "optional" }), "a,b", ["a", "b"]);
  gives(delimited(",", { last: "optional" }), "a,,b,", ["a", "", "b"]);
  gives(delimited("::", { last: "optional" }), "a::b:", ["a", "b:"]);
  gives(delimited(",", { last: "optional", skipEmpty: true }), ",a,,b", ["a", "b"]);
  gives(delimited(",", { last: "optional", keep: true }), "a,b", ["a,", "b"]);
});

test("afterBom() skips a byte order mark at the start of the stream, and nowhere else", () => {
  const mark = "\xef\xbb\xbf";
  gives(afterBom(lines()), `${mark}a\n${mark}b\n`, ["a", `${mark}b`]);
  gives(afterBom(lines()), `${mark}${mark}a\n`, [`${mark}a`]);
  gives(afterBom(lines()), `a\n`, ["a"]);
  gives(afterBom(lines()), "\xef\xbb", ["\xef\xbb"]);
  gives(afterBom(lines()), mark, []);
});

test("marked({ noise: skip }) skips noise and reports each run of it once, at its first byte", () => {
  const text = (offset: number) =>
    [offset, `Cannot read frame at offset ${offset}: ${REASON}`] as const;
  gives(mllp, "\n\n\x0ba\x1c\rnoise\x0bb\x1c\r", ["a", "b"], [text(0), text(6)]);
  gives(mllp, "\x0ba\x1c\r\r\n", ["a"], [text(4)]);
  gives(marked("<<", ">>", { noise: "skip" }), "<x<<a>>><<b>>", ["a", "b"], [text(0), text(7)]);
  gives(marked("aab", ".", { noise: "skip" }), "aaaab1.", ["1"], [text(0)]);
});

test("FrameDecoder discards noise silently without onInvalid", () => {
  everyCut("xx\x0ba\x1c\ryy", (chunks) => {
    const decoder = new FrameDecoder(mllp);
    const frames: string[] = [];
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (const frame of decoder) frames.push(latin1(frame));
    }
    decoder.end();
    assert.equal(decoder.read(), undefined);
    assert.deepEqual(frames, ["a"]);
  });
});

test("FrameDecoder throws what onInvalid throws for noise, and reads on", () => {
  const refusal = new Error("no");
  const decoder = new FrameDecoder(mllp, () => {
    throw refusal;
  });
  decoder.push(bytes("x\x0ba\x1c\ry\x0bb\x1c\r"));
  assert.equal(failure(() => decoder.read()), refusal);
  assert.deepEqual(decoder.read(), bytes("a"));
  assert.equal(failure(() => decoder.read()), refusal);
  assert.deepEqual(decoder.read(), bytes("b"));
});

test("FrameDecoder reports every run of noise, even if onInvalid throws", () => {
  const framer: Framer = {
    measure(input) {
      for (let byte; (byte = input.peek()) !== undefined && byte !== 0x7b;) {
        input.discard(1, byte === 0x23 ? "a comment" : undefined);
      }
      return json.measure(input);
    },
    write: () => {},
  };
  everyCut("## #{}#{} ##", (chunks) => {
    const events: unknown[] = [];
    const decoder = new FrameDecoder(framer, (error) => {
      throw error;
    });
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let more = true; more;) {
        try {
          const frame = decoder.read();
          more = frame !== undefined;
          if (more) events.push(latin1(frame!));
        } catch (error) {
          events.push((error as MalformedFrameError).offset);
        }
      }
    }
    assert.deepEqual(events, [0, "{}", 6, "{}", 10]);
  });
});

test("FrameDecoder reports noise before the frame that follows it", () => {
  everyCut("x\x0ba\x1c\ry\x0bb\x1c\r", (chunks) => {
    const events: unknown[] = [];
    const decoder = new FrameDecoder(mllp, ({ name }) => events.push(name));
    for (const chunk of chunks) {
      decoder.push(chunk);
      decoder.visit((all, start) => events.push(all[start]));
    }
    assert.deepEqual(events, ["MalformedFrameError", 0x61, "MalformedFrameError", 0x62]);
  });
});

test("FrameDecoder counts discarded bytes toward no limit", () => {
  const noise = "x".repeat(200_000);
  for (const size of [1000, 1_000_000]) {
    const reports: number[] = [];
    const protocol = { framer: mllp, maxFrameLength: 3 };
    const decoder = new FrameDecoder(protocol, (error) => {
      reports.push((error as MalformedFrameError).offset);
    });
    const frames: string[] = [];
    for (const chunk of chunksOf(bytes(`${noise}\x0babc\x1c\r${noise}\x0babcd\x1c\r`), size)) {
      decoder.push(chunk);
      frames.push(...decoder.readAll().map(latin1));
    }
    assert.deepEqual(frames, ["abc"]);
    assert.deepEqual(reports, [0, 200_006, 400_006]);
  }
});

test("FrameDecoder skips a frame over the limit after noise, and noise after it", () => {
  everyCut("?\x0babcdef\x1c\r?\x0ba\x1c\r", (chunks) => {
    const events: unknown[] = [];
    const decoder = new FrameDecoder(
      { framer: mllp, maxFrameLength: 3 },
      (error) => events.push([error.name, (error as MalformedFrameError).offset]),
    );
    for (const chunk of chunks) {
      decoder.push(chunk);
      events.push(...decoder.readAll().map(latin1));
    }
    assert.deepEqual(events, [
      ["MalformedFrameError", 0],
      ["FrameTooLargeError", 1],
      ["MalformedFrameError", 10],
      "a",
    ]);
  });
});

test("FrameDecoder reports a truncated frame at its first byte, after discarded bytes", () => {
  everyCut("\n\n\nab", (chunks) => {
    const decoder = new FrameDecoder(lines({ skipEmpty: true, strict: true }));
    for (const chunk of chunks) {
      decoder.push(chunk);
      assert.equal(decoder.read(), undefined);
    }
    decoder.end();
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.deepEqual([error.offset, latin1(error.partial)], [3, "ab"]);
  });
});

/** Nested braces; white space around them belongs to no frame. */
const json: Framer = {
  measure(input) {
    let space = 0;
    while (input.peek(space) === 0x20 || input.peek(space) === 0x0a) space++;
    input.discard(space);
    let depth = 0;
    for (let at = 0, byte; (byte = input.peek(at)) !== undefined; at++) {
      if (byte === 0x7b) depth++;
      else if (byte === 0x7d && --depth === 0) return at + 1;
    }
    return undefined;
  },
  write: () => {},
};

test("ByteReader.discard() makes white space after the last value a clean end", () => {
  gives(json, " {} \n{{}}\n  \n", ["{}", "{{}}"]);
});

test("FrameDecoder asks a framer again that discards bytes and answers anything", () => {
  const answers: readonly ((input: ByteReader) => number | undefined)[] = [
    () => undefined,
    () => 1,
    () => 0,
    () => -1,
    (input) => {
      input.skip(1);
      return 1;
    },
    (input) => {
      input.drop(1);
      input.expect(bytes("?"));
      input.memo = 1;
      input.atLeast(99);
      return undefined;
    },
    () => {
      throw new MalformedFrameError("forgotten");
    },
  ];
  for (const answer of answers) {
    const framer: Framer = {
      measure(input) {
        if (input.peek() !== 0x2e) return input.length === 0 ? undefined : 2;
        input.discard(1);
        return answer(input);
      },
      write: () => {},
    };
    gives(framer, "..ab.cd...", ["ab", "cd"]);
  }
});

test("FrameDecoder does not loop on a framer that discards nothing", () => {
  const framer: Framer = {
    measure(input) {
      input.discard(0, "nothing");
      return 0;
    },
    write: () => {},
  };
  const decoder = new FrameDecoder(framer, () => assert.fail("nothing was discarded"));
  decoder.push(bytes("ab"));
  assert.throws(() => decoder.readAll(), RangeError);
});

test("FrameDecoder.readAll() reads empty frames that follow discarded bytes", () => {
  const framer: Framer = {
    measure(input) {
      if (input.length > 0) input.discard(1, "a byte");
      return input.ended ? undefined : 0;
    },
    write: () => {},
  };
  const decoder = new FrameDecoder(framer);
  decoder.push(bytes("ab"));
  assert.equal(decoder.readAll().length, 1);
  assert.equal(decoder.buffered, 0);
  assert.throws(() => decoder.readAll(), RangeError);
});

test("ByteReader.discard() inside a frame makes it malformed", () => {
  everyCut("+\na\n", (chunks) => {
    const decoder = new FrameDecoder(tagged({ 0x2b: lines({ skipEmpty: true }) }));
    const error = failure(() => {
      for (const chunk of chunks) {
        decoder.push(chunk);
        decoder.read();
      }
    });
    assert.ok(error instanceof MalformedFrameError);
    assert.match(error.message, /^Cannot read frame at offset 0: bytes that belong to no frame/);
  });
});

test("FrameDecoder.switchTo() keeps an optional trailer from the next frame", () => {
  everyCut("AT\r\nabc", (chunks, how) => {
    const decoder = new FrameDecoder<unknown>(lines({ cr: true }));
    const frames: string[] = [];
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame; (frame = decoder.read() as Uint8Array | undefined) !== undefined;) {
        frames.push(latin1(frame));
        decoder.switchTo(fixed(3));
      }
    }
    assert.deepEqual(frames, ["AT", "abc"], how);
  });
});

test("FrameDecoder.detach() does not return an optional trailer", () => {
  for (const [rest, detached] of [["", ""], ["\n", ""], ["\n\n", "\n"], ["x\n", "x\n"]] as const) {
    const decoder = new FrameDecoder(lines({ cr: true }));
    decoder.push(bytes(`AT\r${rest}`));
    assert.equal(latin1(decoder.read()!), "AT");
    assert.equal(decoder.buffered, detached.length);
    assert.equal(latin1(decoder.detach()), detached);
  }
});

test("FrameDecoder drops an optional trailer that was read into its memory", () => {
  const decoder = new FrameDecoder(lines({ cr: true }));
  const frames: string[] = [];
  for (const part of ["AT\r", "\n", "\nOK\r", "\nx", "\r"]) {
    decoder.room().set(bytes(part));
    decoder.advance(part.length);
    frames.push(...decoder.readAll().map(latin1));
  }
  assert.deepEqual(frames, ["AT", "", "OK", "x"]);
  assert.equal(decoder.buffered, 0);
});

test("FrameDecoder discards 100 MB of noise in flat memory", within(60_000), () => {
  const finder = new FrameFinder();
  let reports = 0;
  finder.switchTo({ framer: mllp }, () => reports++);
  const chunk = new Uint8Array(65_536).fill(0x78);
  for (let count = 0; count < 1600; count++) {
    finder.queue.push(chunk.slice());
    assert.equal(finder.next(0), -1);
    assert.equal(finder.queue.pending, 0);
    assert.ok(heldBy(finder.queue) <= 2 * chunk.length);
  }
  assert.equal(reports, 1);
});

test("FrameDecoder releases noise that ends with part of a begin mark", () => {
  const finder = new FrameFinder();
  finder.switchTo({ framer: marked("<<", ">>", { noise: "skip" }) });
  const chunk = bytes("x".repeat(4095) + "<");
  for (let count = 0; count < 100; count++) {
    finder.queue.push(chunk.slice());
    assert.equal(finder.next(0), -1);
    assert.equal(finder.queue.pending, 1);
    assert.ok(heldBy(finder.queue) <= 2 * chunk.length, `${heldBy(finder.queue)} bytes`);
  }
});

test("FrameDecoder discards noise in linear time, however it arrives", within(60_000), () => {
  const noise = new Uint8Array(300_000).fill(0x78);
  const single: Framer = {
    measure(input) {
      if (input.peek() === undefined) return undefined;
      input.discard(1, "noise");
      return undefined;
    },
    write: () => {},
  };
  for (const inner of [mllp, single, lines({ skipEmpty: true })]) {
    for (const size of [1, 1000, noise.length]) {
      let asked = 0;
      const framer: Framer = {
        measure(input) {
          asked++;
          return inner.measure(input);
        },
        write: () => {},
      };
      const finder = new FrameFinder();
      finder.switchTo({ framer }, () => {});
      const filled = inner === mllp || inner === single ? noise : noise.slice().fill(0x0a);
      for (const chunk of chunksOf(filled, size)) {
        finder.queue.push(chunk);
        assert.equal(finder.next(0), -1);
        assert.ok(heldBy(finder.queue) <= 2 * size + 4096);
      }
      assert.ok(asked <= 2 * noise.length + 2, `${asked} calls`);
    }
  }
});

test("An IMAP literal of 1 GiB is refused on its announcement", () => {
  const framer = headed(
    "\r\n",
    (line) => Number(/\{(\d+)\}$/.exec(latin1(line))?.[1] ?? 0),
    { keep: true },
  );
  everyCut("a1 APPEND x {1073741824}\r\n", (chunks) => {
    const decoder = new FrameDecoder(framer);
    const error = failure(() => {
      for (const chunk of chunks) {
        decoder.push(chunk);
        assert.equal(decoder.read(), undefined);
      }
    });
    assert.equal(error.name, "FrameTooLargeError");
    assert.equal(error.length, 1_073_741_824 + 26);
  });
});

test("FrameDecoder reads the frame after bytes that were skipped as a frame over the limit by mistake", () => {
  // `L` announces 200 bytes, unless the fourth one is not `l`; all others are frames of two bytes.
  const framer: Framer = {
    measure(input) {
      while (input.peek() === 0x4c) {
        if (input.length < 4) {
          input.atLeast(200);
          return undefined;
        }
        if (input.peek(3) === 0x6c) return 200;
        input.discard(4, "no frame");
      }
      return 2;
    },
    write() {},
  };
  everyCut("abL..-cdef", (chunks, how) => {
    const errors: string[] = [];
    const decoder = new FrameDecoder(
      { framer, maxFrameLength: 100 },
      ({ message }) => errors.push(message),
    );
    const frames = chunks.flatMap((chunk) => {
      decoder.push(chunk);
      return decoder.readAll().map(latin1);
    });
    assert.deepEqual(frames, ["ab", "cd", "ef"], how);
    assert.ok(errors.includes("Cannot read frame at offset 2: no frame"), how);
  });
});
