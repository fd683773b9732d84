import { test } from "node:test";
import { FrameTooLargeError } from "../../mod.ts";
import { nats, type NatsOperation } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);
const headers = bytes("");

test("nats() reads and writes operations", slow, async () => {
  await verifyProtocol<NatsOperation>(nats(), [
    {
      messages: [
        { type: "INFO", text: '{"server_id":"a"}' },
        { type: "PING", text: "" },
        { type: "MSG", subject: "a.b", sid: "9", replyTo: "", headers, payload: bytes("a\r\nb\n") },
        { type: "PUB", subject: "a", replyTo: "_INBOX.1", headers, payload: bytes("") },
        {
          type: "MSG",
          subject: "a",
          sid: "1",
          replyTo: "r",
          headers: bytes("NATS/1.0\r\n\r\n"),
          payload: bytes("abc"),
        },
        { type: "SUB", text: "a.* q 1" },
        { type: "-ERR", text: "'no'" },
        { type: "+OK", text: "" },
      ],
    },
    {
      messages: [
        { type: "PUB", subject: "a", replyTo: "", headers, payload: bytes("xy") },
        {
          type: "PUB",
          subject: "a",
          replyTo: "",
          headers: bytes("NATS/1.0\r\n\r\n"),
          payload: headers,
        },
        { type: "PING", text: "" },
      ],
      bytes: "pub\ta  2 \r\nxy\r\nHPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\nping\r\n",
      written: false,
    },
    ...refusals(
      ["MSG a 1 -1\r\n", "MSG\r\n", "MSG a 1\r\n", "MSG a 1 2 3 4\r\n", "PUB 1\r\n"],
      ["HMSG a 1 5 4\r\n", "HMSG a 1 5\r\n", "PUB a 1\r\nbc\r\n", "HELP\r\n", "\r\n", "PING\n"],
      ["PUB a 1\r\nb\n\n", "HPING\r\n"],
    ),
    { messages: [], bytes: "PUB a 999999999\r\n", error: FrameTooLargeError },
  ]);
});

test("nats() refuses operations that would be others", () => {
  for (
    const operation of [
      { type: "PUB", subject: "a b", payload: headers },
      { type: "PUB", subject: "", payload: headers },
      { type: "PUB", subject: "a\r\nPING", payload: headers },
      { type: "MSG", subject: "a", sid: "", payload: headers },
      { type: "SUB", text: "a 1\r\nPUB a 0" },
      { type: "HPUB" as "SUB", text: "a 1" },
    ] satisfies NatsOperation[]
  ) {
    verifyRefused<NatsOperation>(nats(), operation, TypeError);
  }
});
