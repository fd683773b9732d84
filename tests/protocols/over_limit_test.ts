/** What is over the limit of a protocol costs only itself if its end can be found, and is refused at once otherwise. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameTooLargeError, type Protocol } from "../../mod.ts";
import {
  beanstalkd,
  cobs,
  connectRpc,
  docker,
  dotStuffed,
  fix,
  grpc,
  imap,
  iso8583,
  jsonSeq,
  jsonValues,
  memcached,
  memcachedBinary,
  mllp,
  modbusTcp,
  nats,
  ndjson,
  ninep,
  pktLine,
  protobuf,
  proxyV1,
  proxyV2,
  replies,
  rfc4571,
  rtsp,
  slip,
  syslog,
  tlsRecords,
  tpkt,
} from "../../protocols.ts";
import { bytes, chunksOf, latin1 } from "../support/bytes.ts";

const long = "x".repeat(5000);

for (
  const [name, protocol, stream] of [
    ["mllp", mllp(), `\x0ba\x1c\r\x0b${long}\x1c\r\x0bb\x1c\r`],
    ["mllp", mllp(), `\x0ba\x1c\r\x0b${"\x1c".repeat(5000)}\x1c\r\x0bb\x1c\r`],
    ["cobs", cobs(), `\x02a\0${long}\0\x02b\0`],
    ["slip", slip(), `a\xc0${long}\xc0b\xc0`],
    ["dotStuffed", dotStuffed(), `a\r\n.\r\n${long}\r\n.\r\nb\r\n.\r\n`],
    ["dotStuffed", dotStuffed(), `a\r\n.\r\n${"..\r\n".repeat(2000)}.\r\nb\r\n.\r\n`],
  ] as [string, Protocol, string][]
) {
  test(`${name}() skips and reports a message over the limit, however it is cut`, () => {
    const whole = bytes(stream);
    for (const size of [whole.length, 1, 7, 1000]) {
      const reports: string[] = [];
      const read: string[] = [];
      const limited = { ...protocol, maxFrameLength: 100 };
      const decoder = new FrameDecoder(limited, (error) => reports.push(error.name));
      for (const chunk of chunksOf(whole, size)) {
        decoder.push(chunk);
        for (const message of decoder) read.push(latin1(message).trim());
      }
      decoder.end();
      assert.equal(decoder.read(), undefined);
      assert.deepEqual([read, reports], [["a", "b"], ["FrameTooLargeError"]], `chunks of ${size}`);
    }
  });
}

for (
  const [name, protocol, stream] of [
    ["beanstalkd", beanstalkd({ side: "server" }), "put 0 0 60 999999999999\r\n"],
    ["beanstalkd", beanstalkd(), "RESERVED 1 1073741824\r\n"],
    ["iso8583", { ...iso8583(), maxFrameLength: 1000 }, "\xff\xff"],
    ["syslog", syslog(), "1073741824 <"],
  ] as [string, Protocol<unknown>, string][]
) {
  test(`${name}() refuses a length over the limit before its data arrive: ${stream.length} bytes`, () => {
    const decoder = new FrameDecoder(protocol);
    decoder.push(bytes(stream));
    assert.throws(() => decoder.read(), FrameTooLargeError);
  });
}

test("default limits are those of the doc comments", () => {
  const [KiB, MiB] = [2 ** 10, 2 ** 20];
  const limits: [Pick<Protocol<never>, "maxFrameLength">, number][] = [
    [mllp(), 16 * MiB],
    [cobs(), 64 * KiB],
    [slip(), 64 * KiB],
    [syslog(), 64 * KiB],
    [dotStuffed(), 32 * MiB],
    [imap(), 64 * MiB],
    [memcached(), 64 * MiB],
    [modbusTcp(), 260],
    [tpkt(), 65_535],
    [rfc4571(), 65_535],
    [proxyV1(), 107],
    [proxyV2(), 4096],
    [protobuf(), 4 * MiB],
    // The header is part of the frame.
    [docker(), MiB + 8],
    [grpc(), 4 * MiB + 5],
    [connectRpc(), 4 * MiB + 5],
    [tlsRecords(), 18_432 + 5],
    [pktLine(), 65_520],
    [memcachedBinary(), 2 * MiB],
    [ninep(), MiB],
    [nats(), 8 * MiB + 64 * KiB],
    // Their default is that of every protocol.
    [fix(), MiB],
    [beanstalkd(), MiB],
    [rtsp(), MiB],
    [replies(), MiB],
    [ndjson(), MiB],
    [jsonSeq(), MiB],
    [jsonValues(), MiB],
  ];
  for (const [{ maxFrameLength = MiB }, limit] of limits) assert.equal(maxFrameLength, limit);
});
