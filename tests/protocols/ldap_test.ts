import { test } from "node:test";
import { ldap } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { hex, numbered } from "../support/bytes.ts";
import { fatal, golden, hostile, invalid, read, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const none = new Uint8Array(0);
const long = numbered(300);

/** An anonymous bind, unbinding, identifiers of two and four bytes, controls, and a long length. */
const cases = [
  {
    message: {
      messageId: 1,
      operation: 0x60,
      content: hex("02 01 03 04 00 80 00"),
      controls: none,
    },
    bytes: hex("30 0c 02 01 01 60 07 02 01 03 04 00 80 00"),
  },
  {
    message: { messageId: 200, operation: 0x42, content: none, controls: none },
    bytes: hex("30 06 02 02 00 c8 42 00"),
  },
  {
    message: { messageId: 0x7fff_ffff, operation: 0x50, content: hex("01"), controls: none },
    bytes: hex("30 09 02 04 7f ff ff ff 50 01 01"),
  },
  {
    message: { messageId: 3, operation: 0x42, content: none, controls: hex("30 00") },
    bytes: hex("30 09 02 01 03 42 00 a0 02 30 00"),
  },
  {
    message: { messageId: 32_768, operation: 0x64, content: long, controls: long },
    bytes: concat([hex("30 82 02 65 02 03 00 80 00 64 82 01 2c"), long, hex("a0 82 01 2c"), long]),
  },
];

test("ldap() reads and writes messages", bounded, async () => {
  const message = { messageId: 200, operation: 0x42, content: none };
  await verifyProtocol(ldap(), [
    golden(cases),
    { ...golden(cases.slice(1, 2)), written: [message] },
  ]);
});

test("ldap() reads lengths that are longer than necessary", bounded, async () => {
  await verifyProtocol(ldap(), [read({
    message: cases[1]!.message,
    bytes: hex("30 84 00 00 00 0c 02 84 00 00 00 02 00 c8 42 82 00 00"),
  })]);
});

test("ldap() refuses another tag, an indefinite length and a hostile one", bounded, async () => {
  await verifyProtocol(ldap(), [
    fatal(cases[0]!, hex("31 00"), /tag is 49: expected 48/),
    fatal(cases[0]!, hex("30 80"), /its length is indefinite/),
    fatal(cases[0]!, hex("30 87 20 00 00 00 00 00 00"), /length is over 2\^53 - 1/),
    hostile(hex("30 84 ff ff ff ff")),
  ]);
});

test("ldap() reports invalid messages", bounded, async () => {
  const next = cases[0]!;
  await verifyProtocol(ldap(), [
    ...invalid(next, /ends after its frame/, hex("30 00")),
    ...invalid(next, /ends after its frame/, hex("30 03 02 01 01")),
    ...invalid(next, /ends after its frame/, hex("30 05 02 01 01 42 01")),
    ...invalid(next, /a tag has several bytes/, hex("30 06 02 01 01 7f 21 00")),
    ...invalid(next, /message identifier is invalid/, hex("30 05 04 01 01 42 00")),
    ...invalid(next, /message identifier is invalid/, hex("30 04 02 00 42 00")),
    ...invalid(next, /identifier is invalid/, hex("30 08 02 04 80 00 00 00 42 00")),
    ...invalid(next, /are not controls/, hex("30 07 02 01 01 42 00 a1 00")),
    ...invalid(next, /are not controls/, hex("30 09 02 01 01 42 00 a0 00 a0 00")),
  ]);
});

test("ldap() refuses numbers that do not fit", () => {
  const message = { messageId: 1, operation: 0x42, content: none };
  verifyRefused(ldap(), { ...message, messageId: 2 ** 31 }, RangeError);
  verifyRefused(ldap(), { ...message, messageId: -1 }, RangeError);
  verifyRefused(ldap(), { ...message, messageId: NaN }, RangeError);
});
