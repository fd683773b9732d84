import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteReader, type Framer, lengthPrefixed, lines, uint8 } from "../mod.ts";
import { verifyFramer } from "../testing.ts";

const good = lengthPrefixed(uint8);
const cases = [{ frames: ["one", "", "three"] }];

function fails(change: Partial<Framer>, message: RegExp): void {
  assert.throws(() => verifyFramer({ ...good, ...change }, cases), message);
}

test("verifyFramer() lets good framers pass", () => {
  verifyFramer(good, cases);
  verifyFramer(lines(), [{ frames: ["one", "two"], bytes: "one\r\ntwo" }]);
});

test("verifyFramer() finds a framer that takes too little for a frame", () => {
  fails({ measure: (input) => input.length === 0 ? undefined : input.length }, /frame 0 is/);
  fails(
    {
      measure(input: ByteReader) {
        const length = input.readUint(1);
        return length === undefined ? undefined : Math.min(length, input.length);
      },
    },
    /./,
  );
});

test("verifyFramer() finds a framer that forgets its header", () => {
  fails({ measure: (input) => input.peek() }, /Framer fails verification/);
});

test("verifyFramer() finds a framer that does not write what it reads", () => {
  fails({ write: (frame, output) => output.write(frame) }, /Framer fails verification: case 0/);
});

test("verifyFramer() finds a framer that fails, or remembers what it has seen", () => {
  fails({
    measure: () => {
      throw new Error("broken");
    },
  }, /broken/);
  let asked = 0;
  fails({ measure: (input) => asked++ > 20 ? undefined : good.measure(input) }, /./);
});

test("verifyFramer() finds a framer that changes the bytes", () => {
  fails(
    {
      measure(input) {
        const all = input.look(input.length);
        const length = good.measure(input);
        if (all !== undefined && all.length > 10) all[all.length - 1] = 0;
        return length;
      },
    },
    /Framer fails verification/,
  );
});

test("verifyFramer() demands a case, and one that is true", () => {
  assert.throws(() => verifyFramer(good, []), TypeError);
  assert.throws(() => verifyFramer(good, [{ frames: ["a"], bytes: "\x01b" }]), /frame 0 is <62>/);
  assert.throws(() => verifyFramer(good, [{ frames: ["a", "b"], bytes: "\x01a" }]), /missing/);
});
