import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asymmetric,
  Connection,
  fixed,
  FrameDecoder,
  FrameDecoderStream,
  FrameEncoder,
  FrameEncoderStream,
  FrameTooLargeError,
  json,
  lines,
  netstring,
  type Protocol,
  Requester,
  text,
} from "../mod.ts";
import { bytes, latin1 } from "./support/bytes.ts";
import { recordingPair } from "./support/pairs.ts";
import { imap } from "./support/sequences.ts";
import { collect, streamOf } from "./support/streams.ts";
import { turn } from "./support/transports.ts";

type Sum = { readonly sum: number };
const client = asymmetric({
  read: { framer: lines(), codec: json<Sum>(), maxFrameLength: 12 },
  write: { framer: netstring(), codec: text(), maxFrameLength: 3 },
});

test("asymmetric() is typed by both directions", () => {
  const protocol: Protocol<Sum, string> = client;
  // @ts-expect-error: sent messages are strings.
  const wrong: Protocol<Sum, Sum> = client;
  const bare: Protocol<Uint8Array, Uint8Array> = asymmetric({ read: lines(), write: netstring() });
  assert.ok(protocol && wrong && bare);
});

test("asymmetric() reads as the first protocol and writes as the second, each with its limit", () => {
  const decoder = new FrameDecoder(client);
  decoder.push(bytes('{"sum":1}\n{"sum":23456}\n'));
  assert.deepEqual(decoder.read(), { sum: 1 });
  assert.throws(() => decoder.read(), FrameTooLargeError);
  const encoder = new FrameEncoder(client);
  encoder.write("1 2");
  assert.throws(() => encoder.write("1 23"), /^RangeError: .* limit is 3$/);
  assert.equal(encoder.drain().map(latin1).join(""), "3:1 2,");
});

test("asymmetric() switches both directions of decoders and encoders", () => {
  const decoder = new FrameDecoder(lines());
  decoder.push(bytes('one\n{"sum":3}\n'));
  assert.equal(latin1(decoder.read()!), "one");
  assert.deepEqual(decoder.switchTo(client).read(), { sum: 3 });
  const encoder = new FrameEncoder(lines());
  encoder.write(bytes("one"));
  encoder.switchTo(client).write("ab");
  encoder.switchTo(lines()).write(bytes("two"));
  assert.equal(encoder.drain().map(latin1).join(""), "one\n2:ab,two\n");
});

test("asymmetric() combines sequences and other protocols", () => {
  const reading = asymmetric({ read: imap, write: { framer: lines(), codec: text() } });
  const writing = asymmetric({ read: { framer: lines(), codec: text() }, write: imap });
  const decoder = new FrameDecoder(reading);
  decoder.push(bytes("a{1}\r\nb\r\n"));
  assert.deepEqual(decoder.read(), ["a{1}", "b", ""]);
  const encoder = new FrameEncoder(writing);
  encoder.write(["a{1}", "b", ""]);
  assert.equal(encoder.drain().map(latin1).join(""), "a{1}\r\nb\r\n");
});

test("asymmetric() works in streams, connections and requesters", async () => {
  const readable = streamOf('{"sum":1}\n').pipeThrough(new FrameDecoderStream(client));
  assert.deepEqual(await collect(readable), [{ sum: 1 }]);
  const encoded = new FrameEncoderStream(client);
  const writer = encoded.writable.getWriter();
  const chunks = collect(encoded.readable);
  await writer.write("1");
  await writer.close();
  assert.equal((await chunks).map(latin1).join(""), "1:1,");

  const pair = recordingPair();
  const requester = new Requester<string, Sum>(new Connection(pair, client));
  const reply = requester.request("1 2");
  await turn();
  pair.push('{"sum":3}\n');
  assert.deepEqual(await reply, { sum: 3 });
  assert.equal(pair.chunks.map(latin1).join(""), "3:1 2,");
  pair.end();
});

test("asymmetric() refuses directions that are missing or invalid", () => {
  for (
    const wrong of [{}, { read: lines() }, { write: lines() }, { read: lines, write: lines() }]
  ) {
    assert.throws(() => asymmetric(wrong as never), TypeError);
  }
  for (const [read, write] of [[-1, 1], [1, NaN]]) {
    const directions = {
      read: { framer: lines(), maxFrameLength: read! },
      write: { framer: lines(), maxFrameLength: write! },
    };
    assert.throws(() => asymmetric(directions), RangeError);
  }
});

test("asymmetric() takes the direction of a protocol that is asymmetric itself", () => {
  const inner = asymmetric({ read: lines(), write: netstring() });
  const writes = new FrameEncoder(asymmetric({ read: fixed(1), write: inner }));
  writes.write(bytes("hello"));
  assert.equal(writes.drain().map(latin1).join(""), "5:hello,");
  const outer = asymmetric({ read: inner, write: fixed(1) });
  const reads = new FrameDecoder(outer);
  reads.push(bytes("a\nb\n"));
  assert.deepEqual(Array.from(reads, latin1), ["a", "b"]);
  const encoder = new FrameEncoder(outer);
  encoder.write(bytes("x"));
  assert.equal(encoder.drain().map(latin1).join(""), "x");
});
