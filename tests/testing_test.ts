import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ByteReader,
  delimited,
  fixed,
  type Framer,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  uint8,
  untilClose,
} from "../mod.ts";
import { type FramerCase, verifyFramer } from "../testing.ts";
import { bytes } from "./support/bytes.ts";
import { failure } from "./support/framing.ts";

const good = lengthPrefixed(uint8);
const cases: readonly FramerCase[] = [{ frames: ["one", "", "three"] }];

/** Asserts that `good` with this change fails verification with one of these messages. */
function fails(change: Partial<Framer>, ...messages: string[]): void {
  const error = failure(() => verifyFramer({ ...good, ...change }, cases));
  const starts = messages.map((message) => `Framer fails verification: ${message}`);
  assert.ok(starts.some((start) => error.message.startsWith(start)), error.message);
}

test("verifyFramer() accepts correct framers", () => {
  verifyFramer(good, cases);
  verifyFramer(lines(), [{ frames: ["one", "two"], bytes: "one\r\ntwo" }]);
  verifyFramer(untilClose(), [{ frames: [bytes("all\xff")] }, { frames: [] }]);
});

test("verifyFramer() accepts a scanning framer that keeps its position in memo", () => {
  const braces: Framer = {
    measure(input) {
      let { at, depth } = (input.memo ?? { at: 0, depth: 0 }) as { at: number; depth: number };
      for (let byte = input.peek(at); byte !== undefined; byte = input.peek(++at)) {
        if (byte === 0x7b) depth++;
        else if (byte === 0x7d && --depth === 0) return at + 1;
      }
      input.memo = { at, depth };
      return undefined;
    },
    write: (frame, output) => output.write(frame),
  };
  verifyFramer(braces, [{ frames: ["{}", "{{}{}}", `{${"x".repeat(600)}}`] }]);
});

test("verifyFramer() rejects a framer that does not wait for its header", () => {
  fails(
    { measure: (input) => input.readUint(1) ?? 0 },
    "case 0, as written, whole: failed: RangeError: Cannot iterate over empty frames: they consume no input",
  );
});

test("verifyFramer() rejects a framer that misreads a split header", () => {
  const header = (input: ByteReader) => {
    const [high, low] = [input.readUint(1), input.readUint(1)];
    return high === undefined ? undefined : high * 256 + (low ?? 0);
  };
  const error = failure(() =>
    verifyFramer({
      measure: header,
      write(frame, output) {
        output.writeUint(frame.length, 2);
        output.write(frame);
      },
    }, cases)
  );
  assert.equal(
    error.message,
    "Framer fails verification: case 0, as written, byte by byte: " +
      "frame 0 is <> (0 bytes), not <6f 6e 65> (3 bytes)",
  );
});

test("verifyFramer() rejects a framer that delivers a frame before all its bytes have arrived", () => {
  fails(
    {
      measure(input) {
        const length = good.measure(input);
        return length === undefined ? undefined : Math.min(length, input.length);
      },
    },
    "case 0, as written, byte by byte: frame 0 is <> (0 bytes), not <6f 6e 65> (3 bytes)",
  );
});

test("verifyFramer() rejects a framer that ends its frames too early or too late", () => {
  fails(
    { measure: (input) => (good.measure(input) ?? 1) - 1 },
    "case 0, as written, whole: frame 0 is <6f 6e> (2 bytes), not <6f 6e 65> (3 bytes)",
  );
  fails(
    {
      measure(input) {
        const length = good.measure(input);
        return length === undefined ? undefined : length + 1;
      },
    },
    "case 0, as written, whole: ",
  );
});

test("verifyFramer() rejects a framer that leaves its header in the frame", () => {
  fails(
    { measure: (input) => input.peek() },
    "case 0, as written, whole: frame 0 is <03 6f 6e> (3 bytes), not <6f 6e 65> (3 bytes)",
  );
});

test("verifyFramer() rejects a framer that drops too many bytes", () => {
  fails(
    {
      measure(input) {
        input.drop(1);
        return good.measure(input);
      },
    },
    "case 0, as written, whole: ",
  );
});

test("verifyFramer() rejects a framer that cannot read what it writes", () => {
  fails(
    { write: (frame, output) => output.write(frame) },
    "case 0, as written, whole: failed: TruncatedFrameError: Cannot read frame at offset 0",
  );
  fails(
    {
      write(frame, output) {
        output.writeUint(frame.length + 1, 1);
        output.write(frame);
        output.writeUint(0, 1);
      },
    },
    "case 0, as written, whole: frame 0 is <6f 6e 65 00> (4 bytes), not <6f 6e 65> (3 bytes)",
  );
});

test("verifyFramer() rejects a framer that announces a frame otherwise than it writes it", () => {
  fails(
    {
      announce(length, output) {
        output.writeUint(length, 1);
        return Uint8Array.of(0);
      },
    },
    "case 0: frames that are announced differ from frames that are written",
  );
});

test("verifyFramer() rejects a framer whose output depends on earlier writes", () => {
  let written = 0;
  fails(
    {
      write(frame, output) {
        output.writeUint(frame.length, 1);
        output.write(frame);
        if (++written === 3) output.writeUint(0, 1);
      },
    },
    "case 0: frames written together differ from frames written one by one",
  );
});

test("verifyFramer() rejects a framer that throws an unexpected error", () => {
  fails(
    {
      measure: () => {
        throw new Error("broken");
      },
    },
    "case 0, as written, whole: failed: Error: broken",
  );
});

test("verifyFramer() rejects a framer that fails when the stream ends", () => {
  fails(
    {
      measure(input) {
        if (input.ended) throw new MalformedFrameError("ended");
        const length = input.peek();
        if (length === undefined || input.length <= length) return undefined;
        return good.measure(input);
      },
    },
    "case 0, as written, ended after 1 bytes: failed with an error other than truncation",
  );
});

test("verifyFramer() rejects a framer that ends several frames at the end of the stream", () => {
  fails(
    {
      measure(input) {
        const length = input.peek();
        if (length === undefined || (length >= input.length && !input.ended)) return undefined;
        input.skip(1);
        return input.ended ? 0 : length;
      },
    },
    "case 0, as written, ended after ",
  );
});

test("verifyFramer() rejects a framer with its own limit", () => {
  const stingy: Framer = {
    measure(input) {
      const length = good.measure(input);
      if (length !== undefined && length > 4) throw new MalformedFrameError("too long");
      return length;
    },
    write: good.write,
  };
  fails(stingy, "case 0, as written, whole: failed: MalformedFrameError");
  fails(
    { measure: (input) => Math.min(good.measure(input) ?? 0, 4) },
    "case 0, as written, ",
  );
});

test("verifyFramer() rejects a framer that drops the frame that it should deliver", () => {
  fails(
    {
      measure(input) {
        const length = good.measure(input);
        if (length !== undefined) input.drop(length);
        return length === undefined ? undefined : 0;
      },
    },
    "case 0, as written, whole: frame 0 is <> (0 bytes), not <6f 6e 65> (3 bytes)",
  );
});

test("verifyFramer() rejects a framer that counts bytes of the next frame toward the limit", () => {
  const looksAhead: Framer = {
    measure(input) {
      let at = input.memo as number ?? 0;
      while (at < input.length && input.peek(at) !== 0x0a) at++;
      input.memo = at;
      if (at === input.length || (at + 1 === input.length && !input.ended)) return undefined;
      input.drop(1);
      return at;
    },
    write: lines().write,
  };
  const error = failure(() => verifyFramer(looksAhead, cases));
  assert.match(
    error.message,
    /^Framer fails verification: case 0, as written, whole, with a limit of 5: failed: Frame/,
  );
});

test("verifyFramer() rejects a framer whose errors depend on how the stream is cut", () => {
  const LF = bytes("\n");
  let calls = 0;
  const wavering: Framer = {
    measure(input) {
      let at: number | undefined = 0;
      if (calls++ % 3 === 0) at = input.find(LF);
      else while (at < input.length && input.peek(at) !== 0x0a) at++;
      if (at === undefined || at === input.length) return undefined;
      input.drop(1);
      return at;
    },
    write: lines().write,
  };
  const error = failure(() => verifyFramer(wavering, cases));
  assert.match(error.message, /: failed with "Cannot read .*", not with "Cannot read .*"$/);
});

test("verifyFramer() rejects a framer that keeps state between calls", () => {
  let calls = 0;
  fails(
    { measure: (input) => calls++ > 20 ? undefined : good.measure(input) },
    "case 0, as written, byte by byte",
  );
});

test("verifyFramer() rejects a framer that changes the bytes", () => {
  fails(
    {
      measure(input) {
        const all = input.look(input.length)!;
        if (all.length > 10) all[all.length - 1] = 0;
        return good.measure(input);
      },
    },
    "case 0, as written: the framer changed the bytes",
  );
});

/** Returns a framer with a length prefix of two bytes that reads with `measure`. */
function twoBytes(measure: Framer["measure"]): Framer {
  return {
    measure,
    write(frame, output) {
      output.writeUint(frame.length, 2);
      output.write(frame);
    },
  };
}

test("verifyFramer() rejects a framer that leaves the cursor after an incomplete header", () => {
  const framer = twoBytes((input) => {
    const [high, low] = [input.readUint(1), input.readUint(1)];
    return low === undefined ? undefined : high! * 256 + low;
  });
  assert.equal(
    failure(() => verifyFramer(framer, cases)).message,
    'Framer fails verification: case 0, as written, byte by byte: answered "not yet" to 1 byte ' +
      "with the cursor moved by 1 byte",
  );
});

test("verifyFramer() rejects a framer that moves the cursor back too far", () => {
  const framer = twoBytes((input) => {
    const first = input.offset === 0;
    const length = input.readUint(2);
    if (length === undefined && !first) input.skip(-2);
    return length;
  });
  assert.match(
    failure(() => verifyFramer(framer, cases)).message,
    /: answered "not yet" to 0 bytes with the cursor moved by -2 bytes$/,
  );
});

const LF = bytes("\n");

test("verifyFramer() rejects a framer that drops bytes before the frame is complete", () => {
  const framer: Framer = {
    measure(input) {
      const at = input.find(LF);
      input.drop(1);
      return at;
    },
    write: lines().write,
  };
  assert.equal(
    failure(() => verifyFramer(framer, cases)).message,
    'Framer fails verification: case 0, as written, byte by byte: answered "not yet" to 1 byte ' +
      "with 1 byte dropped",
  );
});

test("verifyFramer() rejects a framer that expects a trailer before the frame is complete", () => {
  const framer: Framer = {
    measure(input) {
      input.expect(LF);
      return input.find(LF);
    },
    write: lines().write,
  };
  assert.match(
    failure(() => verifyFramer(framer, cases)).message,
    /: answered "not yet" to 1 byte with a trailer expected$/,
  );
});

test("verifyFramer() rejects a framer that changes the reader only at the end of the stream", () => {
  const framer: Framer = {
    measure(input) {
      const at = input.find(LF);
      if (at !== undefined || input.ended) input.drop(1);
      return at;
    },
    write: lines().write,
  };
  assert.equal(
    failure(() => verifyFramer(framer, cases)).message,
    'Framer fails verification: case 0, as written, ended after 1 bytes: answered "not yet" to ' +
      "1 byte with 1 byte dropped",
  );
});

test("verifyFramer() rejects a framer that changes the reader only when it is called again", () => {
  const framer: Framer = {
    measure(input) {
      const at = input.find(LF);
      if (at !== undefined) input.drop(1);
      else if (input.memo !== undefined) input.skip(1);
      input.memo = "called";
      return at;
    },
    write: lines().write,
  };
  assert.match(
    failure(() => verifyFramer(framer, cases)).message,
    /: answered "not yet" to 2 bytes with the cursor moved by 1 byte$/,
  );
});

test("verifyFramer() rejects a framer that changes the reader only for a certain stream", () => {
  const framer: Framer = {
    measure(input) {
      const at = input.find(LF);
      if (at !== undefined) {
        input.drop(1);
        return at;
      }
      if (input.peek(input.length - 1) === 0x0d) input.drop(1);
      return undefined;
    },
    write: delimited("\n").write,
  };
  verifyFramer(framer, cases);
  assert.match(
    failure(() => verifyFramer(framer, [{ frames: ["a\r"] }])).message,
    /: answered "not yet" to 2 bytes with 1 byte dropped$/,
  );
});

test("verifyFramer() accepts atLeast(), memo, drop(0), and a cursor that is moved back", () => {
  const framer: Framer = {
    measure(input) {
      const type = input.readUint(1);
      const at = input.find(LF);
      input.drop(0);
      if (at !== undefined) {
        input.drop(1);
        return at;
      }
      if (type !== undefined) input.skip(-1);
      input.atLeast(0);
      input.memo = "called";
      return undefined;
    },
    write(frame, output) {
      output.writeUint(0x2b, 1);
      lines().write(frame, output);
    },
  };
  verifyFramer(framer, cases);
});

test("verifyFramer() requires at least one case", () => {
  assert.throws(
    () => verifyFramer(good, []),
    /^TypeError: Cannot verify framer: expected at least one case$/,
  );
});

test("verifyFramer() requires that the given bytes contain the given frames", () => {
  const message = (bytes: string, ...frames: string[]) =>
    failure(() => verifyFramer(good, [{ frames: [] }, { frames, bytes }])).message;
  assert.equal(
    message("\x01b", "a"),
    "Framer fails verification: case 1, whole: frame 0 is <62> (1 bytes), not <61> (1 bytes)",
  );
  assert.equal(
    message("\x01a", "a", "b"),
    "Framer fails verification: case 1, whole: frame 1 is missing, not <62> (1 bytes)",
  );
  assert.equal(
    message("\x01a\x01b", "a"),
    "Framer fails verification: case 1, whole: frame 1 is <62> (1 bytes), not missing",
  );
  assert.match(
    message("\x05a", "a"),
    /^Framer fails verification: case 1, whole: failed: Truncated/,
  );
});

test("verifyFramer() shows the beginning of long frames", () => {
  const long = "a".repeat(20);
  const shown = `<${"61 ".repeat(16)}…>`;
  const error = failure(() => verifyFramer(fixed(20), [{ frames: [long], bytes: "b" + long }]));
  assert.ok(error.message.includes(`(20 bytes), not ${shown} (20 bytes)`), error.message);
});

test("verifyFramer() reports a framer's error as the cause", () => {
  const bug = new Error("bug");
  const error = failure(() =>
    verifyFramer({
      ...good,
      measure: () => {
        throw bug;
      },
    }, cases)
  );
  assert.equal(error.cause, bug);
});

test("verifyFramer() rethrows the error of a framer that refuses to write", () => {
  assert.throws(() => verifyFramer(lines(), [{ frames: ["a\nb"] }]), TypeError);
});
