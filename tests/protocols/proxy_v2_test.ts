import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder } from "../../mod.ts";
import { proxyV2, type ProxyV2Header } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { crc32c } from "../../src/protocols/crc32c.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, type Golden, golden, hostile, read, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const SIGNATURE = hex("0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a");
const header = (rest: string) => concat([SIGNATURE, hex(rest)]);
const ipv4 = {
  transport: "stream",
  source: { hostname: "192.0.2.1", port: 56_324 },
  destination: { hostname: "198.51.100.7", port: 443 },
} as const;
const path = (name: string) => concat([bytes(name), new Uint8Array(108 - name.length)]);

const cases: readonly Golden<ProxyV2Header>[] = [
  {
    message: { command: "proxy", ...ipv4, values: [] },
    bytes: header("21 11 00 0c c0 00 02 01 c6 33 64 07 dc 04 01 bb"),
  },
  {
    message: {
      command: "proxy",
      ...ipv4,
      values: [{ type: 1, value: bytes("h2") }, { type: 4, value: bytes("") }],
    },
    bytes: header("21 11 00 14 c0 00 02 01 c6 33 64 07 dc 04 01 bb 01 00 02 68 32 04 00 00"),
  },
  {
    message: {
      command: "proxy",
      transport: "datagram",
      source: { hostname: "2001:db8::1", port: 1 },
      destination: { hostname: "::", port: 2 },
      values: [],
    },
    bytes: concat([
      header("21 22 00 24 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"),
      new Uint8Array(16),
      hex("00 01 00 02"),
    ]),
  },
  {
    message: {
      command: "proxy",
      transport: "stream",
      source: { hostname: "", port: 0, path: "/run/a" },
      destination: { hostname: "", port: 0, path: "\0name" },
      values: [],
    },
    bytes: concat([header("21 31 00 d8"), path("/run/a"), path("\0name")]),
  },
  { message: { command: "local" }, bytes: header("20 00 00 00") },
  { message: { command: "proxy", values: [] }, bytes: header("21 00 00 00") },
];
const [first] = cases as [Golden<ProxyV2Header>];

test("proxyV2() reads and writes headers", bounded, async () => {
  const { source, destination } = ipv4;
  const message = { command: "proxy", source, destination } as const;
  await verifyProtocol(proxyV2(), [
    golden(cases),
    { ...golden([first]), written: [message] },
  ]);
});

test("proxyV2() ignores what a proxy adds to a connection of its own", bounded, async () => {
  await verifyProtocol(proxyV2(), [read({
    message: { command: "local" },
    bytes: header("20 11 00 0c c0 00 02 01 c6 33 64 07 dc 04 01 bb"),
  }, { message: { command: "local" }, bytes: header("20 ff 00 02 ff ff") })]);
});

test("proxyV2() ignores all that follows unspecified addresses", bounded, async () => {
  const message = { command: "proxy", values: [] } as const;
  for (const family of ["00", "10", "01", "30"]) {
    await verifyProtocol(proxyV2(), [
      read({ message, bytes: header(`21 ${family} 00 03 ff 01 01`) }),
    ]);
  }
});

test("proxyV2() computes and verifies a checksum", bounded, async () => {
  assert.equal(crc32c(bytes("123456789")), 0xe3069283);
  const encoder = new FrameEncoder(proxyV2());
  const values = [{ type: 2, value: bytes("a") }, { type: 3, value: bytes("") }];
  encoder.write({ command: "proxy", ...ipv4, values });
  const encoded = concat(encoder.drain());
  const decoder = new FrameDecoder(proxyV2());
  decoder.push(encoded);
  const [name, checksum] = decoder.read()!.values!;
  assert.deepEqual([name, checksum!.type, checksum!.value.length], [values[0], 3, 4]);
  for (let at = 16; at < encoded.length; at++) {
    // The type of the checksum itself: another type is not verified.
    if (at === encoded.length - 7) continue;
    const damaged = encoded.slice();
    damaged[at]! ^= 1;
    await verifyProtocol(proxyV2(), [fatal(first, damaged, /checksum of the|value ends after/)]);
  }
  await verifyProtocol(proxyV2(), [
    fatal(
      first,
      header("21 11 00 10 c0 00 02 01 c6 33 64 07 dc 04 01 bb 03 00 01 00"),
      /checksum of the PROXY header/,
    ),
  ]);
});

test(
  "proxyV2() refuses other protocols and versions at the first other byte",
  bounded,
  async () => {
    for (let at = 0; at < SIGNATURE.length; at++) {
      const wrong = SIGNATURE.slice(0, at + 1);
      wrong[at]! ^= 1;
      await verifyProtocol(proxyV2(), [
        fatal(first, wrong, /it is not a header of PROXY, version 2/),
      ]);
    }
    await verifyProtocol(proxyV2(), [
      fatal(first, header("11"), /version and command 17 are unknown/),
      fatal(first, header("22"), /version and command 34 are unknown/),
      hostile(header("21 11 ff ff")),
    ]);
  },
);

test("proxyV2() refuses invalid headers", bounded, async () => {
  await verifyProtocol(proxyV2(), [
    fatal(first, header("21 11 00 00"), /addresses of the PROXY header are/),
    fatal(first, header("21 21 00 01 00"), /addresses of the PROXY header are/),
  ]);
  for (const family of ["13", "03", "41", "40", "ff"]) {
    await verifyProtocol(proxyV2(), [
      fatal(first, header(`21 ${family} 00 00`), /family and transport/),
    ]);
  }
  for (const value of ["01", "01 00", "01 00 02 68"]) {
    const length = value.length / 3 + 12;
    const addresses = "c0 00 02 01 c6 33 64 07 dc 04 01 bb";
    const text = `21 11 00 ${Math.ceil(length).toString(16)} ${addresses} ${value}`;
    await verifyProtocol(proxyV2(), [fatal(first, header(text), /value ends after/)]);
  }
});

test("proxyV2() refuses addresses that cannot be written", () => {
  const { source } = ipv4;
  const long = "a".repeat(109);
  for (
    const [one, other] of [
      [source, { hostname: "::1", port: 1 }],
      [source, { hostname: "", port: 0, path: "/run/a" }],
      [{ hostname: "", port: 0, path: "/run/a" }, source],
      [{ hostname: "", port: 0, path: long }, { hostname: "", port: 0, path: "/run/a" }],
      [{ hostname: "localhost", port: 1 }, source],
    ] as const
  ) {
    verifyRefused(proxyV2(), { command: "proxy", source: one, destination: other }, TypeError);
  }
  const destination = { hostname: "192.0.2.2", port: 65_536 };
  verifyRefused(proxyV2(), { command: "proxy", source, destination }, RangeError);
  const values = [{ type: 5, value: new Uint8Array(65_536) }];
  verifyRefused(proxyV2(), { command: "proxy", values }, RangeError);
});

test(
  "proxyV2() reads and writes the longest paths, all ports, and values of more than 255 bytes",
  bounded,
  async () => {
    const longest = "/".repeat(108);
    const socket = (path: string) => ({ hostname: "", port: 0, path });
    await verifyProtocol(proxyV2(), [golden([
      {
        message: {
          command: "proxy",
          transport: "stream",
          source: socket(longest),
          destination: socket(longest),
          values: [],
        },
        bytes: concat([header("21 31 00 d8"), bytes(longest), bytes(longest)]),
      },
      {
        message: {
          command: "proxy",
          transport: "stream",
          source: { hostname: "192.0.2.1", port: 65_535 },
          destination: { hostname: "198.51.100.7", port: 0 },
          values: [{ type: 5, value: bytes("x".repeat(258)) }],
        },
        bytes: concat([
          header("21 11 01 11 c0 00 02 01 c6 33 64 07 ff ff 00 00 05 01 02"),
          bytes("x".repeat(258)),
        ]),
      },
    ])]);
    const unknown = header("21 00 00 00");
    const proxy = { command: "proxy" } as const;
    const one = { messages: [{ ...proxy, values: [] }], bytes: unknown };
    await verifyProtocol(proxyV2(), [
      { ...one, written: [{ ...proxy, source: ipv4.source }] },
      { ...one, written: [{ ...proxy, destination: ipv4.source }] },
    ]);
    const unlimited = { ...proxyV2(), maxFrameLength: 100_000 };
    const values = (length: number) => [{ type: 5, value: new Uint8Array(length) }];
    new FrameEncoder(unlimited).write({ command: "proxy", values: values(65_532) });
    verifyRefused(unlimited, { command: "proxy", values: values(65_533) }, RangeError);
  },
);
