import { test } from "node:test";
import { dbus } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { fatal, golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const none = new Uint8Array(0);
/** A field: the path "/" (1, "o", 1 "/" 0). */
const fields = hex("01 01 6f 00 01 00 00 00 2f 00");
const cases = [
  {
    message: {
      littleEndian: true,
      type: 1,
      flags: 0,
      serial: 7,
      fields,
      body: hex("2a 00 00 00 01"),
    },
    bytes: hex(
      "6c 01 00 01 05 00 00 00 07 00 00 00 0a 00 00 00 01 01 6f 00 01 00 00 00 2f 00 00 00 00 00 00 00 2a 00 00 00 01",
    ),
  },
  {
    message: { littleEndian: false, type: 4, flags: 1, serial: 258, fields: none, body: hex("ff") },
    bytes: hex("42 04 01 01 00 00 00 01 00 00 01 02 00 00 00 00 ff"),
  },
  {
    message: { littleEndian: true, type: 2, flags: 0, serial: 1, fields: none, body: none },
    bytes: hex("6c 02 00 01 00 00 00 00 01 00 00 00 00 00 00 00"),
  },
];

test("dbus() reads and writes messages in both byte orders", bounded, async () => {
  const message = { type: 2, serial: 1, fields: none, body: none };
  await verifyProtocol(dbus(), [
    golden(cases),
    { ...golden(cases.slice(2)), written: [message] },
  ]);
});

test("dbus() pads fields of every length", bounded, async () => {
  for (let length = 0; length <= 9; length++) {
    const bytes = new Uint8Array(16 + Math.ceil(length / 8) * 8 + 1);
    bytes.set([0x6c, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, length]);
    bytes[bytes.length - 1] = 9;
    const message = { type: 1, serial: 1, fields: new Uint8Array(length), body: hex("09") };
    const read = { littleEndian: true, flags: 0, ...message };
    await verifyProtocol(dbus(), [{ messages: [read], bytes, written: [message] }]);
  }
});

test("dbus() refuses other byte orders and versions, and hostile lengths", bounded, async () => {
  const rest = " 00 00 00 00 01 00 00 00";
  const zero = " 00 00 00 00";
  await verifyProtocol(dbus(), [
    fatal(cases[2]!, hex(`4c 01 00 01${rest}${zero}`), /not a message of D-Bus/),
    fatal(cases[2]!, hex(`6c 01 00 02${rest}${zero}`), /not a message of D-Bus/),
    fatal(cases[2]!, hex(`6c 01 00 01${rest} 01 00 00 04`), /limit is 67108864/),
    hostile(hex(`6c 01 00 01 ff ff ff ff 01 00 00 00${zero}`)),
  ]);
  const message = { type: 1, serial: 1, fields: new Uint8Array(2 ** 26 + 1), body: none };
  verifyRefused(dbus(), message, RangeError);
});
