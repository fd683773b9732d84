/** The protocols of `examples/sequences`, in every face and every cut, and what they refuse. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder, FrameTooLargeError, MalformedFrameError } from "../../mod.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import { refusals } from "../support/cases.ts";
import { example } from "../support/examples.ts";
import { within } from "../support/limits.ts";

const { mysql } = await example(
  "sequences/mysql.ts",
) as typeof import("../../examples/sequences/mysql.ts");
const { nbd } = await example(
  "sequences/nbd.ts",
) as typeof import("../../examples/sequences/nbd.ts");
const { ssh } = await example(
  "sequences/ssh.ts",
) as typeof import("../../examples/sequences/ssh.ts");

const slow = within(60_000);

test("Packets of MySQL that are joined", slow, async () => {
  await verifyProtocol(mysql(4), [
    {
      messages: [
        { number: 0, payload: [bytes("abc")] },
        { number: 254, payload: [bytes("abcd"), bytes("abcd"), bytes("")] },
        { number: 1, payload: [bytes("abcd"), bytes("x")] },
      ],
    },
    ...refusals(["\x04\0\0\x01abcd\x01\0\0\x01x"]),
  ]);
  const decoder = new FrameDecoder(mysql());
  const encoder = new FrameEncoder(mysql());
  encoder.write({ number: 0, payload: [new Uint8Array(0xffffff), new Uint8Array(10)] });
  for (const whole of encoder.drain()) {
    for (const chunk of chunksOf(whole, 100_000)) decoder.push(chunk);
  }
  assert.deepEqual(decoder.read()!.payload.map(({ length }) => length), [0xffffff, 10]);
});

test("Replies of NBD, whose length depends on the request", slow, async () => {
  const reply = (error: number, cookie: number, data = "") =>
    `\x67\x44\x66\x98\0\0\0${String.fromCharCode(error)}\0\0\0\0\0\0\0${
      String.fromCharCode(cookie)
    }${data}`;
  const create = () => {
    const protocol = nbd();
    const encoder = new FrameEncoder(protocol);
    encoder.write({ type: "read", cookie: 1, offset: 0, data: 5 });
    encoder.write({ type: "write", cookie: 2, offset: 0, data: bytes("abc") });
    encoder.write({ type: "read", cookie: 3, offset: 0, data: 5 });
    encoder.write({ type: "read", cookie: 4, offset: 0, data: 2_000_000 });
    assert.equal(encoder.pending, 4 * 28 + 3);
    return protocol;
  };
  await verifyProtocol(create, [
    {
      messages: [
        { cookie: 2, error: 0 },
        { cookie: 3, error: 5 },
        { cookie: 1, error: 0, data: bytes("hello") },
      ],
      bytes: bytes(reply(0, 2) + reply(5, 3) + reply(0, 1, "hello")),
      written: false,
    },
    ...refusals([reply(0, 9), "x".repeat(16)]),
    { messages: [], bytes: bytes(reply(0, 4)), error: FrameTooLargeError },
  ]);
});

test("The version line and packets of SSH", slow, async () => {
  await verifyProtocol(ssh, [
    {
      messages: [
        { banner: ["hello"], version: "SSH-2.0-x" },
        bytes("\x14abc"),
        bytes(""),
        bytes("1234567"),
      ],
    },
    {
      messages: [{ banner: [], version: "SSH-2.0-x" }],
      bytes: bytes("SSH-2.0-x\n\0\0\0\x04\x04"),
      error: MalformedFrameError,
    },
    {
      messages: [{ banner: [], version: "SSH-2.0-x" }],
      bytes: bytes("SSH-2.0-x\n\x7f\0\0\x04\x04"),
      error: FrameTooLargeError,
    },
  ]);
});
