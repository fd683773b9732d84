import { test } from "node:test";
import { proxyV1, type ProxyV1Header } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { fatal, type Golden, golden, read, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
const cases: readonly Golden<ProxyV1Header>[] = [
  {
    message: {
      source: { hostname: "255.255.255.255", port: 65_535 },
      destination: { hostname: "192.0.2.1", port: 0 },
    },
    bytes: bytes("PROXY TCP4 255.255.255.255 192.0.2.1 65535 0\r\n"),
  },
  {
    message: {
      source: { hostname: "2001:db8::1", port: 56_324 },
      destination: { hostname: longest, port: 443 },
    },
    bytes: bytes(`PROXY TCP6 2001:db8::1 ${longest} 56324 443\r\n`),
  },
  { message: {}, bytes: bytes("PROXY UNKNOWN\r\n") },
];
const [ipv4] = cases;

test(
  "proxyV1() reads and writes headers",
  bounded,
  () => verifyProtocol(proxyV1(), [golden(cases)]),
);

test(
  "proxyV1() ignores what follows UNKNOWN, in a line of 107 bytes at most",
  bounded,
  async () => {
    const rest = ` ${longest} ${longest} 65535 65535`;
    const line = `PROXY UNKNOWN${rest}\r\n`;
    await verifyProtocol(proxyV1(), [
      read({ message: {}, bytes: bytes(line) }),
      fatal(ipv4!, bytes("PROXY UNKNOWN" + "x".repeat(94)), /more than 107 bytes/),
    ]);
  },
);

test("proxyV1() refuses other protocols at the first other byte", bounded, async () => {
  for (const text of ["G", "PROXy", "PROXY\t", "proxy", "\r", "PROXY\r", "PROXYTCP4"]) {
    const wrong = text === "PROXYTCP4" ? "PROXYT" : text;
    await verifyProtocol(proxyV1(), [
      fatal(ipv4!, bytes(wrong), /it is not a header of PROXY, version 1/),
    ]);
  }
});

test("proxyV1() refuses invalid headers", bounded, async () => {
  for (
    const rest of [
      "TCP4 192.0.2.1 192.0.2.2 1",
      "TCP4 192.0.2.1 192.0.2.2 1 2 3",
      "TCP4  192.0.2.1 192.0.2.2 1 2",
      "TCP4 192.0.2.01 192.0.2.2 1 2",
      "TCP4 192.0.2.256 192.0.2.2 1 2",
      "TCP4 192.0.2 192.0.2.2 1 2",
      "TCP4 192.0.2.1 192.0.2.2 01 2",
      "TCP4 192.0.2.1 192.0.2.2 1 65536",
      "TCP4 192.0.2.1 192.0.2.2 1 +2",
      "TCP4 192.0.2.1 192.0.2.2 1 ",
      "TCP4 192.0.2.1 2001:db8::1 1 2",
      "TCP6 192.0.2.1 192.0.2.2 1 2",
      "TCP6 2001:db8::1 2001:db8:::2 1 2",
      "TCP6 2001:db8::1 [::1] 1 2",
      "TCP6 2001:db8::1 ::1%eth0 1 2",
      "UDP4 192.0.2.1 192.0.2.2 1 2",
      "tcp4 192.0.2.1 192.0.2.2 1 2",
      "TCP4 192.0.2.1 192.0.2.2 1 2\nX",
      "",
    ]
  ) {
    await verifyProtocol(proxyV1(), [
      fatal(ipv4!, bytes(`PROXY ${rest}\r\n`), /of the PROXY header are invalid/),
    ]);
  }
});

test("proxyV1() refuses addresses that cannot be written", () => {
  const source = { hostname: "192.0.2.1", port: 1 };
  for (
    const destination of [
      { hostname: "2001:db8::1", port: 2 },
      { hostname: "example.com", port: 2 },
      { hostname: "192.0.2.2\r\nX", port: 2 },
      { hostname: "", port: 0, path: "/run/socket" },
      { hostname: "192.0.2.2", port: 65_536 },
      { hostname: "192.0.2.2", port: NaN },
    ]
  ) {
    verifyRefused(proxyV1(), { source, destination }, TypeError);
  }
});

test("proxyV1() is UNKNOWN if one address is, and writes all ports", bounded, async () => {
  const source = { hostname: "192.0.2.1", port: 10_443 };
  const unknown = bytes("PROXY UNKNOWN\r\n");
  await verifyProtocol(proxyV1(), [
    { messages: [{}], bytes: unknown, written: [{ source }] },
    { messages: [{}], bytes: unknown, written: [{ destination: source }] },
    golden([
      {
        message: { source, destination: { hostname: "192.0.2.2", port: 9 } },
        bytes: bytes("PROXY TCP4 192.0.2.1 192.0.2.2 10443 9\r\n"),
      },
    ]),
  ]);
});
