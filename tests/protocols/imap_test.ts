import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, FrameDecoder, FrameTooLargeError, FramingError } from "../../mod.ts";
import { imap } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";
import { recordingPair } from "../support/pairs.ts";
import { turn } from "../support/transports.ts";

const slow = within(60_000);

test("imap() reads and writes lines with literals", slow, async () => {
  await verifyProtocol(imap(), [
    { messages: [["a LOGIN {3}", bytes("a\r\n"), " {2+}", bytes("pw"), ""], ["b NOOP"], [""]] },
    { messages: [["a {0}", bytes(""), ""], ["+ idling"]], bytes: "a {0}\r\n\r\n+ idling\r\n" },
    { messages: [["* 1 FETCH (BINARY[1] ~{2}", bytes("\0\r"), ")"]] },
    { messages: [["* OK \ufffd"]], bytes: bytes("* OK \xff\r\n"), written: false },
    { messages: [], bytes: "a {9999999999}\r\n", error: FrameTooLargeError },
    ...refusals(["a NOOP\n", "a {1}\r\nab\n"]),
  ]);
});

test("imap() never takes the bytes of a large literal as lines", () => {
  for (const size of ["99999999999", "999999999999999", "9999999999999999999"]) {
    const decoder = new FrameDecoder(imap());
    decoder.push(bytes(`a APPEND x {${size}}\r\nb LOGOUT\r\n`));
    assert.throws(() => decoder.read(), FramingError, size);
  }
});

test("imap() takes no text for people as a literal", slow, async () => {
  await verifyProtocol(imap(), [
    { messages: [["* OK see {3}"], ["a no [ALERT] {1}"], ["+ {2}"], ["b BAD {4}"]] },
    { messages: [["* NO [BADCHARSET ({3}", bytes("a)]"), ")] {1}", bytes("x"), "]"]] },
    { messages: [["a OK {x}"], ['a SEARCH "{1}"'], ["a {1"], ["a {+}"]] },
  ]);
});

test("imap() refuses literals that are not announced", () => {
  for (
    const message of [
      [],
      ["a {3}"],
      ["a {3}", bytes("ab"), ""],
      ["a {2}", bytes("ab")],
      ["a", bytes("ab"), ""],
      ["a", "b"],
      [bytes("a")],
      ["a {1}", "b", "c"],
      ["a\r\nb LOGOUT"],
    ]
  ) {
    verifyRefused(imap(), message, TypeError);
  }
});

test("imap() permits a literal in the middle of a command", async () => {
  const pair = recordingPair();
  const sizes: number[] = [];
  const proceed = (size: number) => {
    sizes.push(size);
    void server.send(["+ OK"]);
  };
  const server: Connection<unknown> = new Connection(pair, imap({ proceed }));
  const command = server.receive();
  pair.push("a LOGIN {3}\r\n");
  for (let turns = 0; pair.chunks.length === 0 && turns < 10; turns++) await turn();
  assert.equal(pair.chunks.map(latin1).join(""), "+ OK\r\n");
  pair.push("abc {1+}\r\nx\r\n");
  assert.deepEqual(await command, ["a LOGIN {3}", bytes("abc"), " {1+}", bytes("x"), ""]);
  assert.deepEqual(sizes, [3]);
  server.abort();
});
