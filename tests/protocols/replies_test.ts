import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, FrameDecoder, FrameTooLargeError } from "../../mod.ts";
import { replies } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);
const ftp = { style: "ftp" } as const;

test("replies() reads replies of SMTP", slow, async () => {
  await verifyProtocol(replies(), [
    {
      messages: [
        { code: 250, lines: ["mx", "SIZE 1", ""] },
        { code: 354, lines: [""] },
        { code: 550, lines: ["5.1.1 \ufffd"] },
      ],
      bytes: bytes("250-mx\r\n250-SIZE 1\r\n250\r\n354 \r\n550 5.1.1 \xff\r\n"),
      written: false,
    },
    ...refusals(
      ["99 a\r\n", "150 a\r\n", "250-a\r\n251 b\r\n", "250-a\r\nb\r\n", "250_a\r\n", "2500 a\r\n"],
      ["250 a\n", "250-a\r\n250_b\r\n", "\r\n"],
    ),
  ]);
  const decoder = new FrameDecoder(replies());
  decoder.push(bytes(`250 ${"a".repeat(13_000)}`));
  assert.throws(() => decoder.read(), FrameTooLargeError);
});

test("replies() reads replies of FTP, whose middle lines need no code", slow, async () => {
  await verifyProtocol(replies(ftp), [
    {
      messages: [
        { code: 211, lines: ["status", "not yet", "210-no", " 211 no", "", "211", "end"] },
        { code: 150, lines: ["opening"] },
        { code: 226, lines: [""] },
      ],
      bytes:
        "211-status\r\n211-not yet\r\n210-no\r\n 211 no\r\n\r\n211\r\n211 end\r\n150 opening\r\n226\r\n",
      written: false,
    },
    ...refusals(["hello\r\n", "799 a\r\n", "211_a\r\n"]),
  ]);
});

test("replies() writes what it reads", slow, async () => {
  const reply = { code: 250, lines: ["a", "", "b"] };
  for (const style of ["smtp", "ftp"] as const) {
    const both = asymmetric({
      read: replies({ style }),
      write: replies({ style, side: "server" }),
    });
    await verifyProtocol(both, [{ messages: [reply, { code: 220, lines: ["ready"] }] }]);
    const server = replies({ style, side: "server" });
    await verifyProtocol(asymmetric({ read: server, write: replies({ style }) }), [
      { messages: ["EHLO a", "", "QUIT"] },
    ]);
    for (const lines of [[], ["a\r\n250 b"], ["a\n", "b"]]) {
      verifyRefused(server, { code: 250, lines }, TypeError);
    }
    verifyRefused(server, { code: 99, lines: [""] }, TypeError);
    verifyRefused(server, { code: 2500, lines: [""] }, TypeError);
    verifyRefused(replies({ style }), "NOOP\r\nQUIT", TypeError);
  }
  const both = asymmetric({ read: replies(ftp), write: replies({ ...ftp, side: "server" }) });
  await verifyProtocol(both, [
    {
      messages: [{ code: 211, lines: ["a", " 211 b", "c"] }],
      bytes: "211-a\r\n 211 b\r\n211 c\r\n",
      written: [{ code: 211, lines: ["a", "211 b", "c"] }],
    },
  ]);
});

test("replies() refuses unknown options", () => {
  assert.throws(() => replies({ side: "peer" as "client" }), RangeError);
  assert.throws(() => replies({ style: "pop3" as "ftp" }), RangeError);
});
