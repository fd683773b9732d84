import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, listen } from "../../mod.ts";
import { tlsRecords } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, golden, hostile } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";
import { trusting } from "../support/tls.ts";

/** An alert, and the beginning of a ClientHello with the version of TLS 1.0. */
const cases = [
  {
    message: { type: 21, version: 0x303, fragment: hex("01 00") },
    bytes: hex("15 03 03 00 02 01 00"),
  },
  { message: { type: 22, version: 0x301, fragment: hex("01") }, bytes: hex("16 03 01 00 01 01") },
  {
    message: { type: 23, version: 0x303, fragment: new Uint8Array(0) },
    bytes: hex("17 03 03 00 00"),
  },
];

test("tlsRecords() reads and writes records", bounded, async () => {
  const message = { type: 21, fragment: hex("01 00") };
  await verifyProtocol(tlsRecords(), [
    golden(cases),
    { ...golden(cases.slice(0, 1)), written: [message] },
  ]);
});

test("tlsRecords() refuses other protocols and long fragments", bounded, async () => {
  const others = ["GET / HTTP/1.1", "SSH-2.0-x\r\n", "\x16\x02\0\0\0", "\x19\x03\x03\0\0"];
  await verifyProtocol(tlsRecords(), [
    ...others.map((text) => fatal(cases[0]!, bytes(text), /it is not a TLS record/)),
    hostile(hex("17 03 03 48 01")),
  ]);
});

test("tlsRecords() reads the ClientHello of a real client", bounded, async () => {
  const listener = await listen(tlsRecords());
  const connecting = connect({ ...listener.address, framer: tlsRecords().framer, tls: trusting })
    .catch((error) => error);
  const accepted = (await listener.accept())!;
  listener.close();
  const { type, fragment } = (await accepted.receive())!;
  assert.deepEqual([type, fragment[0]], [22, 1]);
  await accepted.send({ type: 21, fragment: hex("02 28") }); // fatal handshake_failure
  await accepted.close();
  assert.ok(await connecting instanceof Error);
});

test("tlsRecords() accepts the types from 20 to 24", bounded, async () => {
  const record = (type: number) => Uint8Array.of(type, 3, 3, 0, 1, 1);
  await verifyProtocol(tlsRecords(), [
    golden([20, 24].map((type) => ({
      message: { type, version: 0x303, fragment: hex("01") },
      bytes: record(type),
    }))),
    ...[19, 25].map((type) => fatal(cases[0]!, record(type), /not a TLS record/)),
  ]);
});
