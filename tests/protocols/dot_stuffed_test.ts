import { test } from "node:test";
import { dotStuffed } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);

test("dotStuffed() removes and adds dots", slow, async () => {
  await verifyProtocol(dotStuffed(), [
    {
      messages: ["Subject: x\r\n\r\n..a\r\n.\r\nend\r\n", "", "\r\n", ".\r\n", "..\r\n"].map(bytes),
    },
    { messages: [bytes("a.\r\n.b\r\n")], bytes: "a.\r\n..b\r\n.\r\n" },
    // A dot that was not doubled is removed, too.
    {
      messages: [bytes("a\r\nb\r\n"), bytes("c\r\n")],
      bytes: ".a\r\n.b\r\n.\r\n.c\r\n.\r\n",
      written: false,
    },
    { messages: [bytes("\xff\0\r\n")], bytes: bytes("\xff\0\r\n.\r\n") },
  ]);
});

test("dotStuffed() ends no text by CR or LF alone", slow, async () => {
  const smuggled = "a\n.\nb\r.\rc\r\n.\nd\n.\r\ne\r\n.\re\r\n";
  await verifyProtocol(dotStuffed(), [
    {
      messages: [bytes("a\n.\nb\r.\rc\r\n\nd\n.\r\ne\r\n\re\r\n")],
      bytes: `${smuggled}.\r\n`,
      written: false,
    },
  ]);
  for (const text of ["\n", "\na", "a\n.\n", "a\r\n\n", "a\r", "a\n", "\ra\r\n", "b\r\na\r.\r\n"]) {
    verifyRefused(dotStuffed(), bytes(text), TypeError);
  }
});

test("dotStuffed() adds a missing end of line", bounded, async () => {
  await verifyProtocol(dotStuffed(), [
    {
      messages: [bytes("a\r\n"), bytes("\r\n.\r\n")],
      bytes: "a\r\n.\r\n\r\n..\r\n.\r\n",
      written: [bytes("a"), bytes("\r\n.")],
    },
  ]);
});

test("dotStuffed() has a framer that passes verification", () => {
  const { measure } = dotStuffed().framer;
  verifyFramer({
    measure,
    write: (frame, output) => {
      output.write(frame);
      output.write(bytes(".\r\n"));
    },
  }, [{ frames: ["a\r\n..b\r\n", "", "..\r\n", "\r\n"] }]);
});

test(
  "dotStuffed() ends a message only by a dot, CR and LF, also at its beginning",
  slow,
  async () => {
    await verifyProtocol(dotStuffed(), [
      {
        messages: [bytes("\ra\r\n"), bytes("a\nb\r\n")],
        bytes: ".\ra\r\n.\r\n.a\nb\r\n.\r\n",
        written: false,
      },
      { messages: ["\r\n.\r\n", ".\r\n.\r\n", "a\r\n.\r\n.\r\n"].map(bytes) },
    ]);
    verifyRefused(dotStuffed(), bytes("\r"), TypeError);
    verifyRefused(dotStuffed(), bytes("\ra"), TypeError);
  },
);
