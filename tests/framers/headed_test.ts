import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  FrameDecoder,
  FrameTooLargeError,
  headed,
  MalformedFrameError,
  TruncatedFrameError,
} from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { byteCount } from "../../src/bytes/byte_count.ts";
import { concat } from "../../src/bytes/concat.ts";
import { WriteQueue } from "../../src/bytes/write_queue.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import {
  decode,
  decodeToEnd,
  encode,
  failure,
  malformed,
  refuses,
  roundTrips,
} from "../support/framing.ts";

const long = "x".repeat(600);

function sizeAtEnd(header: Uint8Array): number {
  return Number(/(\d{1,9})$/.exec(latin1(header))?.[1]);
}

const header = (length: number) => `size ${length}`;

test("headed() passes verification", () => {
  verifyFramer(headed("\r\n", sizeAtEnd, { header }), [
    { frames: ["one", "", long, "\r\n"] },
    { frames: ["one", ""], bytes: "3\r\none0\r\n" },
  ]);
  verifyFramer(headed("\n\n", sizeAtEnd, { header: (length) => bytes(`${length}`) }), [
    { frames: ["a", "", "\n\n"] },
  ]);
});

test("headed() of a fixed size passes verification", () => {
  const third = (header: Uint8Array) => header[2]! * 256 + header[3]!;
  const framer = headed(4, third, { header: (length) => Uint8Array.of(1, 2, length >> 8, length) });
  verifyFramer(framer, [{ frames: ["one", "", long, "\r\n"] }]);
  const kept = headed(4, third, { keep: true });
  verifyFramer(kept, [{ frames: ["ab\0\0", "ab\0\x02xy"] }]);
  refuses(kept, "ab\0\x02x", TypeError, "Cannot write frame of 5 bytes: its header gives 6");
  const short = headed(4, third, { header: () => "abc" });
  refuses(short, "x", RangeError, "Cannot write header of 3 bytes: expected 4");
  for (const size of [0, -1, 0.5, NaN, 65_537]) {
    assert.throws(() => headed(size, third), {
      name: "RangeError",
      message: `Invalid header size ${size}: expected an integer from 1 to 65536`,
    });
  }
});

test("headed({ keep }) passes verification", () => {
  verifyFramer(headed("\n", sizeAtEnd, { keep: true }), [
    { frames: ["x 3\nabc", "0\n", `600\n${long}`] },
  ]);
});

test("headed() reads what it writes", () => {
  const body = fc.string({ unit: "binary-ascii", maxLength: 60 });
  roundTrips(headed("\r\n", sizeAtEnd, { header }), body);
  const kept = fc.tuple(body, fc.constantFrom(0, 1)).map(([text, lie]) =>
    `${text.length + lie}\n${text}`
  );
  roundTrips(headed("\n", sizeAtEnd, { keep: true }), kept);
});

test("headed() delivers the body, or header and body with keep", () => {
  const stream = "MSG 5\r\nhelloPING 0\r\n";
  assert.deepEqual(decode(headed("\r\n", sizeAtEnd), stream), ["hello", ""]);
  assert.deepEqual(decode(headed("\r\n", sizeAtEnd, { keep: true }), stream), [
    "MSG 5\r\nhello",
    "PING 0\r\n",
  ]);
});

test("headed() refuses a header that does not give a body length", () => {
  for (const length of [NaN, -1, 0.5, Infinity, 2 ** 53, undefined]) {
    malformed(headed("\n", () => length as number), "x\n", "header does not give a body length");
  }
});

test("headed() adds the offset to a MalformedFrameError of bodyLength", () => {
  const framer = headed("\n", () => {
    throw new MalformedFrameError("no size");
  });
  malformed(framer, "x\n", "no size");
});

test("headed() rethrows other errors of bodyLength", () => {
  const bug = new SyntaxError("bug");
  const framer = headed("\n", () => {
    throw bug;
  });
  assert.equal(failure(() => decode(framer, "x\n")), bug);
});

test("headed() limits the header to the byte, without its delimiter", () => {
  const framer = headed("\r\n", sizeAtEnd, { maxHeaderLength: 4 });
  assert.deepEqual(decode(framer, "0001\r\na"), ["a"]);
  malformed(framer, "00001\r", "header has more than 4 bytes");
  malformed(framer, "xxxx\rx", "header has more than 4 bytes");
  const empty = headed("\n", () => 1, { maxHeaderLength: 0 });
  assert.deepEqual(decode(empty, "\na\nb"), ["a", "b"]);
  malformed(empty, "a", "header has more than 0 bytes");
});

test("headed() limits the header to 8 KiB by default", () => {
  const framer = headed("\n", sizeAtEnd);
  assert.deepEqual(decode(framer, `${"x".repeat(8191)}1\na`), ["a"]);
  malformed(framer, "x".repeat(8193), "header has more than 8192 bytes");
});

test("headed() accepts a header longer than the limit on frames", () => {
  const framer = headed("\n", sizeAtEnd, { maxHeaderLength: 200_000 });
  const stream = `${"x".repeat(150_000)}1\na`;
  assert.deepEqual(decode(framer, stream, 1), ["a"]);
  const decoder = new FrameDecoder({ framer, maxFrameLength: 1 });
  for (let at = 0; at < stream.length; at += 1000) {
    decoder.push(bytes(stream.slice(at, at + 1000)));
    for (const frame of decoder) assert.equal(latin1(frame), "a");
  }
  assert.equal(decoder.detach().length, 0);
});

test("headed() counts the delivered bytes toward the limit", () => {
  assert.deepEqual(decode(headed("\n", sizeAtEnd), "003\nabc", 3), ["abc"]);
  const error = failure(() => decode(headed("\n", sizeAtEnd), "004\n", 3));
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.length, error.offset], [4, 0]);
  const kept = headed("\n", sizeAtEnd, { keep: true });
  assert.deepEqual(decode(kept, "1\na", 3), ["1\na"]);
  assert.throws(() => decode(kept, "2\n", 3), FrameTooLargeError);
});

test("headed() reports truncation in its header, after it and in the body", () => {
  const stream = "0\nsize 3\nab";
  for (let end = 3; end <= stream.length; end++) {
    const decoder = new FrameDecoder({ framer: headed("\n", sizeAtEnd) });
    decoder.push(bytes(stream.slice(0, end)));
    decoder.end();
    assert.equal(decoder.read()!.length, 0);
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(latin1(error.partial), stream.slice(2, end));
    assert.equal(error.expectedLength, end < 9 ? undefined : 10);
  }
  assert.throws(() => decodeToEnd(headed("\n", sizeAtEnd), "x"), TruncatedFrameError);
});

test("headed() calls bodyLength at most twice, however slowly a frame arrives", () => {
  let calls = 0;
  const framer = headed("\n", (header) => {
    calls++;
    return sizeAtEnd(header);
  });
  const decoder = new FrameDecoder({ framer });
  for (const byte of `1000\n${"x".repeat(1000)}`) {
    decoder.push(bytes(byte));
    for (const frame of decoder) assert.equal(frame.length, 1000);
  }
  assert.ok(calls <= 2, `${calls} calls`);
});

test("headed() writes header, delimiter and body", () => {
  assert.equal(encode(headed("\r\n", sizeAtEnd, { header }), "one", ""), "size 3\r\nonesize 0\r\n");
});

test("headed() refuses to write without a header, or with one that a reader would reject", () => {
  refuses(
    headed("\n", sizeAtEnd),
    "a",
    TypeError,
    "Cannot write frame: the option header is missing",
  );
  refuses(
    headed("\n", sizeAtEnd, { header: () => "a\nb" }),
    "a",
    TypeError,
    "Cannot write frame: it contains the delimiter at offset 1",
  );
  refuses(
    headed("\n", sizeAtEnd, { header: () => "12", maxHeaderLength: 1 }),
    "a",
    RangeError,
    "Cannot write header of 2 bytes: limit is 1",
  );
});

test("headed({ keep }) refuses to write a frame whose header gives another length", () => {
  const framer = headed("\n", sizeAtEnd, { keep: true });
  const gives = (length: number, given: string) =>
    `Cannot write frame of ${byteCount(length)}: its header gives ${given}`;
  refuses(framer, "2\na", TypeError, gives(3, "4"));
  refuses(framer, "0\na", TypeError, gives(3, "2"));
  refuses(framer, "1", TypeError, gives(1, "no length"));
  refuses(framer, "x\n", TypeError, "Cannot write frame: header does not give a body length");
});

test("headed() refuses invalid options", () => {
  for (const maxHeaderLength of [-1, 0.5, NaN, Infinity]) {
    const error = failure(() => headed("\n", sizeAtEnd, { maxHeaderLength }));
    assert.ok(error instanceof RangeError);
    assert.equal(
      error.message,
      `Invalid maxHeaderLength ${maxHeaderLength}: expected a non-negative integer`,
    );
  }
  assert.throws(() => headed("", sizeAtEnd), TypeError);
  for (const bodyLength of [undefined, null, 5, "5"]) {
    assert.throws(
      () => headed("\n", bodyLength as unknown as typeof sizeAtEnd),
      /^TypeError: Invalid bodyLength .*: expected a function$/,
    );
  }
});

test("headed() works when its methods are called without their object", () => {
  const { write } = headed("\n", sizeAtEnd, { keep: true });
  const output = new WriteQueue();
  write(bytes("1\na"), output);
  assert.equal(latin1(concat(output.drain())), "1\na");
  assert.throws(() => write(bytes("2\na"), output), TypeError);
  const { measure } = headed("\n", sizeAtEnd);
  assert.deepEqual(decode({ measure, write }, "1\na"), ["a"]);
});
