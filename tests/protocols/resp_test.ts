import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asymmetric,
  FrameDecoder,
  FrameEncoder,
  FrameTooLargeError,
  MalformedFrameError,
} from "../../mod.ts";
import { resp, type RespValue } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf, latin1 } from "../support/bytes.ts";
import { invalid, refusals, verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);

test("resp() reads values of RESP 2 and 3", slow, async () => {
  await verifyProtocol(asymmetric({ read: resp(), write: resp({ side: "server" }) }), [
    {
      messages: [["OK", -5, bytes("a\r\n"), null, null, true, false, null]],
      bytes: "*8\r\n+OK\r\n:-5\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n#t\r\n#f\r\n_\r\n",
      written: false,
    },
    {
      messages: [1.5, Infinity, -Infinity, 1e21, NaN, 10n],
      bytes: ",1.5\r\n,inf\r\n,-inf\r\n,1e+21\r\n,nan\r\n(10\r\n",
    },
    {
      messages: [NaN, 9223372036854775807n],
      bytes: ",-nan\r\n:9223372036854775807\r\n",
      written: false,
    },
    {
      messages: [{
        type: "map",
        entries: [["a", [12345678901234567890n, { type: "set", values: [] }]]],
      }],
      bytes: "%1\r\n+a\r\n*2\r\n(12345678901234567890\r\n~0\r\n",
    },
    {
      messages: [
        { type: "error", message: "ERR no" },
        { type: "error", message: "SYNTAX\r\nx" },
        { type: "verbatim", format: "txt", text: "a" },
        { type: "push", values: ["invalidate", [bytes("key")]] },
        { type: "attributed", attributes: [["ttl", 3600]], value: [1] },
        [],
        "",
        bytes(""),
      ],
      bytes: "-ERR no\r\n!9\r\nSYNTAX\r\nx\r\n=5\r\ntxt:a\r\n" +
        ">2\r\n+invalidate\r\n*1\r\n$3\r\nkey\r\n|1\r\n+ttl\r\n:3600\r\n*1\r\n:1\r\n" +
        "*0\r\n+\r\n$0\r\n\r\n",
    },
    { messages: [["a\rb", "\r"], 1], bytes: "*2\r\n+a\rb\r\n+\r\r\n:1\r\n", written: false },
    {
      messages: ["a", "é", "123456789012", "1234567890123", "12345678901é"],
      bytes: "+a\r\n+é\r\n+123456789012\r\n+1234567890123\r\n+12345678901é\r\n",
    },
    // Text that is not UTF-8 does not end the stream.
    {
      messages: [{ type: "error", message: "ERR \ufffd" }],
      bytes: bytes("-ERR \xff\r\n"),
      written: false,
    },
    ...refusals(
      [
        "?\r\n",
        "$x\r\n",
        "$\r\n",
        "$1\rx2\r\n",
        "*1\r$3\r\nabc\r\n",
        "*1\r\n$-5\r\n",
        "*-2\r\n",
        "$3\r\nabcd\r\n",
        "%-1\r\n",
      ],
      ["+OK\n", "*1\n", "\r\n", "*1\r\n\n", "$0x1\r\n", "$1e1\r\n", "$1\r\na\n\n"],
    ),
    { messages: [], bytes: "$1073741824\r\nabcd\r\n", error: FrameTooLargeError },
  ]);
});

test("resp() writes the values that a server sends", slow, async () => {
  const both = asymmetric({ read: resp(), write: resp({ side: "server" }) });
  await verifyProtocol<RespValue>(both, [
    {
      messages: [
        "OK",
        -5,
        1.5,
        -Infinity,
        2n ** 64n,
        true,
        null,
        bytes("a"),
        [[], { type: "set", values: [1] }],
        { type: "push", values: ["message"] },
        { type: "map", entries: [["a", { type: "error", message: "a\nb" }]] },
        { type: "attributed", attributes: [["a", 1]], value: { type: "error", message: "E" } },
        { type: "verbatim", format: "txt", text: "é" },
      ],
    },
  ]);
  const server = resp({ side: "server" });
  verifyRefused(server, "a\r\n+b", TypeError);
  verifyRefused(server, { type: "verbatim", format: "text", text: "" }, TypeError);
  verifyRefused(server, { type: "list" } as unknown as RespValue, TypeError);
});

test("resp() reads the commands that it writes", slow, async () => {
  const encoder = new FrameEncoder(resp());
  const command = ["SET", "key", "ä\r\n", 5, 6n, bytes("\xff")];
  encoder.write(command);
  const written = encoder.drain().map(latin1).join("");
  assert.equal(
    written,
    "*6\r\n$3\r\nSET\r\n$3\r\nkey\r\n$4\r\n\xc3\xa4\r\n\r\n$1\r\n5\r\n$1\r\n6\r\n$1\r\n\xff\r\n",
  );
  const words = ["SET", "key", "\xc3\xa4\r\n", "5", "6", "\xff"].map(bytes);
  const ping = [bytes("PING")];
  await verifyProtocol(asymmetric({ read: resp({ side: "server" }), write: resp() }), [
    {
      messages: [words, ping],
      bytes: bytes(`${written}*1\r\n$4\r\nPING\r\n`),
      written: [command, ["PING"]],
    },
    { messages: [[], []], bytes: "*0\r\n*-1\r\n", written: false },
    // Inline commands, with CRLF or LF.
    {
      messages: [ping, [], ping, [], ["SET", "a", "b c", 'x\n\xff"', "it's\\n"].map(bytes)],
      bytes: "PING\r\n\r\n PING  \n\nSET a 'b c' \"x\\n\\xff\\\"\" 'it\\'s\\n'\r\n",
      written: false,
    },
    ...refusals(["*x\r\n", "*1\n", "*1\r\nPING\r\n"]),
    { messages: [], bytes: "*1\r\n$999999999\r\n", error: FrameTooLargeError },
  ]);
  verifyRefused(resp(), [], TypeError);
});

test("resp() refuses what is no command or value, and says what was expected", () => {
  const [client, server] = [new FrameEncoder(resp()), new FrameEncoder(resp({ side: "server" }))];
  for (const command of [null, undefined, "PING", 5, bytes("PING"), { length: 1 }, []]) {
    assert.throws(() => client.write(command as never), /TypeError: .* expected an array/);
  }
  for (const word of [null, undefined, true, {}, ["a"], new ArrayBuffer(1)]) {
    assert.throws(() => client.write(["GET", word] as never), /TypeError: .* expected text/);
  }
  for (const value of [undefined, [undefined], {}, { type: "list" }, () => 1]) {
    assert.throws(() => server.write(value as never), /TypeError: Cannot write value/);
  }
  assert.deepEqual([client.pending, server.pending], [0, 0]);
});

test("resp() reports what costs only its message", bounded, async () => {
  const ok = { message: "OK", bytes: bytes("+OK\r\n") };
  const values = [":1.5", ":", ":-", ":+", "(1.5", "#x", "_x", ",", ",0x1", "=3\r\ntxt", "*1\r\n#"];
  await verifyProtocol(resp(), [
    ...invalid(ok, /is invalid/, ...values.map((text) => bytes(`${text}\r\n`))),
  ]);
  const ping = { message: [bytes("PING")], bytes: bytes("PING\r\n") };
  const commands = ["*1\r\n:1", "*1\r\n$-1", "*1\r\n*0", 'SET "a', "SET 'a\\'", 'SET "a"b'];
  await verifyProtocol(resp({ side: "server" }), [
    ...invalid(ping, /argument|quote/, ...commands.map((text) => bytes(`${text}\r\n`))),
  ]);
});

test("resp() refuses a value over the limit by one error, however it arrives", () => {
  const text = `*2\r\n+${"a".repeat(40)}\r\n#t\r\n`;
  for (const size of [1, 50, text.length]) {
    const decoder = new FrameDecoder({ ...resp(), maxFrameLength: 49 });
    const read = () => {
      for (const chunk of chunksOf(bytes(text), size)) {
        decoder.push(chunk);
        decoder.read();
      }
    };
    assert.throws(read, { name: "FrameTooLargeError", length: text.length });
  }
});

test("resp() reads the value after long ones over the limit, however they arrive", () => {
  const long = `$70000\r\n${"a".repeat(70_000)}\r\n`;
  const stream = bytes(`*3\r\n${long.repeat(3)}:7\r\n`);
  for (const size of [1000, stream.length]) {
    const decoder = new FrameDecoder({ ...resp(), maxFrameLength: 100_000 }, () => {});
    const values: RespValue[] = [];
    for (const chunk of chunksOf(stream, size)) {
      decoder.push(chunk);
      values.push(...decoder);
    }
    assert.deepEqual(values, [7]);
  }
});

test("resp() reads values nested 50,000 deep", slow, () => {
  const decoder = new FrameDecoder(resp());
  for (const chunk of chunksOf(bytes("*1\r\n".repeat(50_000) + ":1\r\n"), 100)) decoder.push(chunk);
  let [value, depth] = [decoder.read(), 0];
  for (; Array.isArray(value); depth++) value = value[0]!;
  assert.deepEqual([value, depth], [1, 50_000]);
});

test("resp() announces nothing that costs memory", () => {
  const decoder = new FrameDecoder(resp());
  decoder.push(bytes("*999999999\r\n"));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes(`+${"a".repeat(70_000)}`));
  assert.throws(() => decoder.read(), MalformedFrameError);
  assert.throws(() => resp({ side: "peer" as "client" }), RangeError);
});
