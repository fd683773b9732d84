import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric } from "../../mod.ts";
import { beanstalkd, type BeanstalkdMessage } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);
const server = beanstalkd({ side: "server" });

test("beanstalkd() reads and writes commands and replies", slow, async () => {
  await verifyProtocol<BeanstalkdMessage>(asymmetric({ read: server, write: beanstalkd() }), [
    {
      messages: [
        { line: "put 0 0 60 4", data: bytes("\r\nab") },
        { line: "reserve" },
        { line: "put 0 0 60 0", data: bytes("") },
      ],
    },
    ...refusals(
      ["put 0 0 60\r\n", "put 0 0 60 x\r\n", "put 0 0 60 1\r\nab\r\n", "reserve\n"],
    ),
  ]);
  await verifyProtocol<BeanstalkdMessage>(asymmetric({ read: beanstalkd(), write: server }), [
    {
      messages: [
        { line: "INSERTED 1" },
        { line: "RESERVED 1 2", data: bytes("\r\n") },
        { line: "FOUND 1 1", data: bytes("a") },
        { line: "OK 4", data: bytes("---\n") },
        { line: "NOT_FOUND" },
      ],
    },
    ...refusals(["OK\r\n", "RESERVED 1\r\n", "OK 1\r\nab\r\n"]),
  ]);
  verifyRefused(beanstalkd(), { line: "put 0 0 60 1" }, TypeError);
  verifyRefused(beanstalkd(), { line: "reserve", data: bytes("") }, TypeError);
  assert.throws(() => beanstalkd({ side: "peer" as "client" }), RangeError);
});

test(
  "beanstalkd() reads data after a line with more spaces, as beanstalkd does",
  slow,
  async () => {
    await verifyProtocol<BeanstalkdMessage>(asymmetric({ read: server, write: beanstalkd() }), [
      { messages: [{ line: "put 0  0 60  6", data: bytes("delete") }] },
    ]);
  },
);
