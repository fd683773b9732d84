import { test } from "node:test";
import { slip } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes, hex, numbered } from "../support/bytes.ts";
import { invalid, verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);

test("slip() reads and writes packets", slow, async () => {
  await verifyProtocol(slip(), [
    {
      messages: [hex("01 c0 02 db"), hex("db dc"), hex("c0"), bytes("a")],
      bytes: hex("01 db dc 02 db dd c0 db dd dc c0 db dc c0 61 c0"),
    },
    { messages: [hex("01 c0 02 db"), numbered(300)] },
  ]);
  verifyFramer(slip().framer, [{ frames: ["a", "b"], bytes: hex("c0 c0 61 c0 c0 62 c0") }]);
  verifyRefused(slip(), bytes(""), TypeError);
});

test("slip() reports an unknown escape", bounded, async () => {
  const next = { message: bytes("a"), bytes: hex("61 c0") };
  await verifyProtocol(slip(), [
    ...invalid(next, /unknown escape/, hex("01 db 02 c0")),
    ...invalid(next, /unknown escape/, hex("01 db c0")),
  ]);
});
