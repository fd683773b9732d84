import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { delimited, FrameDecoder, FrameTooLargeError, TruncatedFrameError } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import {
  decode,
  decodeToEnd,
  encode,
  failure,
  few,
  refuses,
  roundTrips,
} from "../support/framing.ts";
import { drip, watch } from "../support/watched.ts";

const long = "x".repeat(520);

test("delimited() passes verification", () => {
  verifyFramer(delimited("\n"), [{ frames: ["one", "", "three\r", long] }]);
  verifyFramer(delimited("\r\n"), [{ frames: ["one", "", "three\r", "\n", long] }]);
  verifyFramer(delimited("\r\n\r\n"), [{ frames: ["one", "\r\n\rx", "", long] }]);
  verifyFramer(delimited("aab"), [{ frames: ["a", "aa", "ab", "", "b"] }]);
  verifyFramer(delimited("\0"), [{ frames: ["a", "", long] }]);
});

test("delimited() passes verification with several delimiters", () => {
  verifyFramer(delimited(["\n", "\r\n", "abc"]), [
    { frames: ["one", "", "three", "ab", long], bytes: `one\nabcthree\r\nab\n${long}abc` },
    { frames: ["a", "", "b"], bytes: "a\r\n\nb\r\n" },
  ]);
  verifyFramer(delimited(["a", "aa", "aab"]), [
    { frames: ["x", "y", "", "z"], bytes: "xaabyaaaabza" },
  ]);
});

test("delimited({ keep }) passes verification", () => {
  verifyFramer(delimited(["\n", "\r\n"], { keep: true }), [
    { frames: ["one\n", "\n", "two\r\n", `${long}\r\n`] },
  ]);
});

test("delimited({ last }) and delimited({ skipEmpty }) pass verification", () => {
  const last = "optional";
  verifyFramer(delimited(",", { last }), [
    { frames: ["a", "", "b"] },
    { frames: ["a", "", "b"], bytes: "a,,b" },
    { frames: [], bytes: "" },
  ]);
  verifyFramer(delimited(["a", "aa", "aab"], { last }), [{ frames: ["x", "y"], bytes: "xaaby" }]);
  verifyFramer(delimited("ab", { last, skipEmpty: true }), [
    { frames: ["x", "a", "y"], bytes: "ababxabaababy" },
  ]);
  verifyFramer(delimited(Uint8Array.of(0xc0), { skipEmpty: true }), [
    { frames: ["a", "b"], bytes: bytes("\xc0a\xc0\xc0b\xc0") },
  ]);
  verifyFramer(delimited(["\n", "\r\n"], { keep: true, skipEmpty: true }), [
    { frames: ["a\r\n", "b\n"], bytes: "\r\n\na\r\n\r\nb\n\n" },
  ]);
  roundTrips(delimited("ab", { last, skipEmpty: true }), few("a", "b", "c"));
  roundTrips(
    delimited(["b", "ab"], { keep: true, skipEmpty: true }),
    few("a", "b", "c").map((text) => `${text}b`),
  );
  const message = "Cannot write frame: it is empty, and skipEmpty is set";
  refuses(delimited(",", { skipEmpty: true }), "", TypeError, message);
  refuses(delimited(",", { keep: true, skipEmpty: true }), ",", TypeError, message);
  assert.throws(() => delimited(",", { last: "maybe" as "optional" }), {
    name: "TypeError",
    message: 'Invalid last "maybe": expected "required" or "optional"',
  });
});

test("delimited({ keep, last }) yields a last frame without delimiter", () => {
  const framer = delimited("\r\n", { keep: true, last: "optional" });
  assert.deepEqual(decodeToEnd(framer, "a\r\nb\r"), ["a\r\n", "b\r"]);
  assert.deepEqual(decodeToEnd(framer, "a\r\n"), ["a\r\n"]);
});

test("delimited() reads what it writes", () => {
  roundTrips(delimited("\r\n"), few("a", "\r", "\n"));
  roundTrips(delimited("aab"), few("a", "b", "c"));
  roundTrips(delimited(["b", "abc", "bcd", "ac"]), few("a", "b", "c", "d", "x"));
  roundTrips(delimited(["a", "aa", "aab"]), few("a", "b", "x"));
  roundTrips(delimited("ab", { keep: true }), few("a", "b", "c", "ab").map((text) => `${text}ab`));
  roundTrips(
    delimited(["b", "abc", "bcd"], { keep: true }),
    fc.tuple(few("a", "b", "c", "x"), fc.constantFrom("b", "abc", "bcd", "")).map((parts) =>
      parts.join("")
    ),
  );
});

test("delimited() ends frames where a naive search would", () => {
  const delimiters = ["b", "abc", "bcd", "ac", "aca"];
  const framer = delimited(delimiters);
  const keeping = delimited(delimiters, { keep: true });
  fc.assert(
    fc.property(few("a", "b", "c", "d", "x"), (stream) => {
      const frames: string[] = [];
      const kept: string[] = [];
      let rest = stream;
      for (;;) {
        const found = delimiters
          .map((one) => ({ at: rest.indexOf(one), length: one.length }))
          .filter(({ at }) => at >= 0)
          .sort((a, b) => a.at - b.at || b.length - a.length)[0];
        if (found === undefined) break;
        frames.push(rest.slice(0, found.at));
        kept.push(rest.slice(0, found.at + found.length));
        rest = rest.slice(found.at + found.length);
      }
      for (const [each, expected] of [[framer, frames], [keeping, kept]] as const) {
        const decoder = new FrameDecoder({ framer: each });
        decoder.push(bytes(stream));
        decoder.end();
        const decoded: string[] = [];
        try {
          for (const frame of decoder) decoded.push(latin1(frame));
          assert.equal(rest, "");
        } catch (error) {
          assert.ok(error instanceof TruncatedFrameError, `${error}`);
          assert.equal(latin1(error.partial), rest);
        }
        assert.deepEqual(decoded, expected);
      }
    }),
    { numRuns: 200 },
  );
});

test("delimited() delivers empty frames", () => {
  assert.deepEqual(decode(delimited("\r\n"), "\r\n\r\na\r\n\r\n"), ["", "", "a", ""]);
  assert.deepEqual(decode(delimited([",", ";"]), ",;"), ["", ""]);
});

test("delimited() is strict about carriage returns and line feeds", () => {
  assert.deepEqual(decode(delimited("\r\n"), "a\nb\rc\r\n"), ["a\nb\rc"]);
});

test("delimited() ends a frame at the delimiter that begins first", () => {
  assert.deepEqual(decode(delimited(["cd", "b"]), "abcd"), ["a", ""]);
  assert.deepEqual(decode(delimited(["bc", "abcd"]), "xabcd"), ["x"]);
});

test("delimited() ends a frame at the longest of the delimiters that begin together", () => {
  assert.deepEqual(decode(delimited(["a", "ab", "abc"]), "xabcy"), ["x"]);
  assert.deepEqual(decode(delimited(["a", "ab", "abc"]), "xabcabx"), ["x", ""]);
});

test("delimited() waits while a longer delimiter may still complete", () => {
  const decoder = new FrameDecoder({ framer: delimited(["a", "abc"]) });
  decoder.push(bytes("xa"));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("b"));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("x"));
  assert.equal(latin1(decoder.read()!), "x");
  decoder.push(bytes("abc"));
  assert.equal(latin1(decoder.read()!), "bx");
  assert.equal(decoder.detach().length, 0);
});

test("delimited() waits while a delimiter that begins earlier may still complete", () => {
  const decoder = new FrameDecoder({ framer: delimited(["b", "abc"]) });
  decoder.push(bytes("xab"));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("c"));
  assert.equal(latin1(decoder.read()!), "x");
  decoder.push(bytes("xabb"));
  assert.equal(latin1(decoder.read()!), "xa");
});

test("delimited() stops waiting when the stream has ended", () => {
  assert.deepEqual(decodeToEnd(delimited(["a", "ab"]), "xaya"), ["x", "y"]);
  assert.deepEqual(decodeToEnd(delimited(["b", "abc"]), "xab"), ["xa"]);
});

test("delimited() refuses a stream that ends without its delimiter", () => {
  for (const rest of ["two", "two\r", "\r"]) {
    const decoder = new FrameDecoder({ framer: delimited("\r\n") });
    decoder.push(bytes(`one\r\n${rest}`));
    decoder.end();
    assert.equal(latin1(decoder.read()!), "one");
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(latin1(error.partial), rest);
    assert.equal(error.expectedLength, undefined);
  }
});

test("delimited() counts the delimiter toward the limit only with keep", () => {
  assert.deepEqual(decode(delimited("\r\n"), "abc\r\n", 3), ["abc"]);
  assert.throws(() => decode(delimited("\r\n"), "abc\r\n", 2), FrameTooLargeError);
  const keeping = delimited("\r\n", { keep: true });
  assert.deepEqual(decode(keeping, "abc\r\n", 5), ["abc\r\n"]);
  assert.throws(() => decode(keeping, "abc\r\n", 4), FrameTooLargeError);
});

test("delimited() refuses a frame at the byte that proves it too long", () => {
  for (
    const [delimiters, stream] of [
      ["\r\n", "abcd"],
      ["\r\n", "abc\rx"],
      ["\r\n\r\n", "abc\r\n\rx"],
      ["\r\n\r\n", "abc\r\n\r\r"],
      [["\n", "\r\n"], "abc\rx"],
      [["b", "xyz"], "aaaxyx"],
    ] as const
  ) {
    const framer = delimited(delimiters);
    assert.deepEqual(decode(framer, stream.slice(0, -1), 3), []);
    const error = failure(() => decode(framer, stream, 3));
    assert.ok(error instanceof FrameTooLargeError, stream);
    assert.deepEqual([error.length, error.limit], [4, 3]);
  }
});

test("delimited() refuses a kept frame once no delimiter can end it within the limit", () => {
  const framer = delimited(["\r\n", "\n\n\n"], { keep: true });
  assert.deepEqual(decode(framer, "abc\r\n", 5), ["abc\r\n"]);
  assert.deepEqual(decode(framer, "abc\n", 5), []);
  assert.throws(() => decode(framer, "abcd", 5), FrameTooLargeError);
});

test("delimited({ keep }) counts a delimiter that another may still extend", () => {
  const framer = delimited(["b", "ac", "acde"], { keep: true });
  assert.deepEqual(decode(framer, "xxa", 3), []);
  assert.throws(() => decode(framer, "xxac", 3), FrameTooLargeError);
  assert.deepEqual(decode(framer, "xxac", 4), []);
  assert.deepEqual(decode(framer, "xxacx", 4), ["xxac"]);
  assert.throws(() => decode(framer, "xxacde", 4), FrameTooLargeError);
});

test("delimited() writes the first delimiter that is not a prefix of another", () => {
  assert.equal(encode(delimited("\r\n"), "a", ""), "a\r\n\r\n");
  assert.equal(encode(delimited([";", ","]), "a"), "a;");
  assert.equal(encode(delimited(["a", "ab", "b"]), "x"), "xab");
  assert.equal(encode(delimited(["a", "a"]), "x"), "xa");
});

test("delimited() refuses to write a frame that a reader would end elsewhere", () => {
  const at = (place: number) => `Cannot write frame: it contains the delimiter at offset ${place}`;
  refuses(delimited("\r\n"), "a\r\nb", TypeError, at(1));
  refuses(delimited("aa"), "ba", TypeError, at(1));
  refuses(delimited(["\n", "\r\n"]), "a\r", TypeError, at(1));
  refuses(delimited(["b", "abc"]), "xa", TypeError, at(1));
  refuses(delimited("\n", { keep: true }), "a\nb\n", TypeError, at(1));
});

test("delimited({ keep }) refuses to write a frame without its delimiter at the end", () => {
  const message = "Cannot write frame: it does not end with its delimiter";
  refuses(delimited("\r\n", { keep: true }), "a", TypeError, message);
  refuses(delimited("\r\n", { keep: true }), "\n", TypeError, message);
  refuses(delimited("\r\n", { keep: true }), "", TypeError, message);
});

test("delimited({ keep }) refuses to write a delimiter that the next frame could extend", () => {
  const framer = delimited(["\r", "\n", "\r\n"], { keep: true });
  const message = "Cannot write frame: it ends with the beginning of another delimiter";
  refuses(framer, "a\r", TypeError, message);
  assert.equal(encode(framer, "a\n", "\n", "a\r\n"), "a\n\na\r\n");
});

test("delimited() looks at each byte of a long partial delimiter once, and reads the same frames", () => {
  const long = "a".repeat(500);
  const framer = delimited(["a", `${long}b`]);
  const stream = bytes(`x${long}b${long}x`);
  const frames = ["x", ...Array.from({ length: 500 }, () => "")];
  assert.deepEqual(decode(framer, latin1(stream)), frames);
  const watched = watch(framer);
  assert.equal(drip(watched.framer, stream, 1), frames.length);
  assert.ok(watched.calls() <= 5 * watched.asked(), `${watched.calls()} calls`);
  assert.ok(watched.asked() <= 2 * stream.length, `${watched.asked()} calls of measure`);
});

test("delimited() refuses invalid delimiters", () => {
  for (const invalid of [[], "", [""], ["a", ""], 7, [7]]) {
    assert.throws(() => delimited(invalid as string[]), TypeError);
  }
});

test("delimited() accepts delimiters as bytes and copies them", () => {
  const given = Uint8Array.of(0xff, 0);
  const framer = delimited(given);
  given.fill(0x61);
  assert.deepEqual(decode(framer, "aa\xff\0"), ["aa"]);
});
