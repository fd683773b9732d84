import assert from "node:assert/strict";
import { test } from "node:test";
import { contentLength, fixed, type Framer, lengthPrefixed, lines, uint8 } from "../mod.ts";
import { WriteQueue } from "../src/bytes/write_queue.ts";
import { FrameWriter } from "../src/frame_writer.ts";
import { bytes, latin1 } from "./support/bytes.ts";

function announced(framer: Framer, length: number, limit = Infinity): string[] {
  const { header, trailer } = new FrameWriter(framer, new WriteQueue()).announce(length, limit);
  return [latin1(header), latin1(trailer)];
}

test("FrameWriter.announce() returns what surrounds a frame, and writes nothing", () => {
  assert.deepEqual(announced(lengthPrefixed(uint8), 65), ["A", ""]);
  assert.deepEqual(announced(contentLength(), 2), ["Content-Length: 2\r\n\r\n", ""]);
  assert.deepEqual(announced(fixed(3), 3), ["", ""]);
  const framer: Framer = {
    measure: () => undefined,
    write: () => {},
    announce(length, output) {
      output.write(bytes(`${length}:`));
      return bytes(",");
    },
  };
  assert.deepEqual(announced(framer, 2 ** 40), ["1099511627776:", ","]);
});

test("FrameWriter.announce() refuses lengths that are invalid, over the limit or do not fit", () => {
  for (const length of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => announced(lengthPrefixed(uint8), length), {
      name: "RangeError",
      message: `Invalid length ${length}: expected a non-negative integer`,
    });
  }
  assert.throws(() => announced(lengthPrefixed(uint8), 10, 9), {
    name: "RangeError",
    message: "Cannot write frame of 10 bytes: limit is 9",
  });
  assert.throws(() => announced(lengthPrefixed(uint8), 256), RangeError);
  assert.throws(() => announced(lines(), 1), {
    name: "TypeError",
    message: "Cannot send stream: the framing does not announce lengths",
  });
});
