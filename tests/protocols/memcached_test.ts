import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, FrameTooLargeError } from "../../mod.ts";
import { memcached, type MemcachedItem, type MemcachedReply } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { refusals, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);
const server = memcached({ side: "server" });

test("memcached() reads and writes commands, text and meta", slow, async () => {
  await verifyProtocol<MemcachedItem>(asymmetric({ read: server, write: memcached() }), [
    {
      messages: [
        { line: "get a \u20ac" },
        { line: "set a 0 0 4 noreply", data: bytes("\r\nab") },
        { line: "cas a 0 0 0 77", data: bytes("") },
        { line: "ms a 3 T0 I", data: bytes("xyz") },
        { line: "mg a v k" },
        { line: "settle" },
        { line: "" },
      ],
    },
    ...refusals(
      [
        "set a 0 0\r\n",
        "set a 0 0 x\r\n",
        "set a 0 0 -1\r\n",
        "set\r\n",
        "ms a\r\n",
        "ms a T0\r\n",
      ],
      ["set a 0 0 1\r\nab\r\n", "get a\n"],
    ),
    { messages: [], bytes: "set a 0 0 999999999\r\n", error: FrameTooLargeError },
  ]);
});

test("memcached() reads and writes replies, text and meta", slow, async () => {
  await verifyProtocol<MemcachedReply>(asymmetric({ read: memcached(), write: server }), [
    {
      messages: [
        { line: "STORED", items: [] },
        {
          line: "END",
          items: [
            { line: "VALUE a 0 3", data: bytes("END") },
            { line: "VALUE b 1 5 77", data: bytes("\r\nEN\r") },
          ],
        },
        { line: "END", items: [{ line: "STAT pid 1" }, { line: "STAT x VALUE a 0 3" }] },
        { line: "VA 2 f0", data: bytes("hi"), items: [] },
        { line: "HD", items: [] },
        { line: "ME a exp=-1 la=0", items: [] },
        { line: "SERVER_ERROR out of memory", items: [] },
      ],
    },
    ...refusals(
      ["VALUE a 0 1\r\nabc\r\n", "VA\r\n", "VA x\r\n", "VALUE a 0\r\n"],
    ),
  ]);
});

test("memcached() reads data after lines with more spaces, as memcached does", slow, async () => {
  await verifyProtocol<MemcachedItem>(asymmetric({ read: server, write: memcached() }), [
    {
      messages: [
        { line: "set  a 0 0  1", data: bytes("x") },
        { line: " set a 0 0 3 ", data: bytes("get") },
        { line: "ms  a 2", data: bytes("\r\n") },
      ],
    },
  ]);
});

test("memcached() refuses lines that do not announce their data", () => {
  const data = bytes("a");
  for (
    const item of [
      { line: "get a", data },
      { line: "set a 0 0 1" },
      { line: "set a 0 0 2", data },
      { line: "set a 0 0 x", data },
      { line: "get a\r\nflush_all" },
      { line: "get a\nflush_all" },
    ]
  ) {
    verifyRefused(memcached(), item, TypeError);
  }
  verifyRefused(server, { line: "END", items: [{ line: "VALUE a 0 1" }] }, TypeError);
  assert.throws(() => memcached({ side: "peer" as "client" }), RangeError);
});

test("memcached() reads data after every command that stores", slow, async () => {
  const stores = ["set", "add", "replace", "append", "prepend", "cas"];
  await verifyProtocol<MemcachedItem>(asymmetric({ read: server, write: memcached() }), [
    { messages: stores.map((name) => ({ line: `${name} a 1 0 3 7`, data: bytes("x\r\n") })) },
  ]);
});
