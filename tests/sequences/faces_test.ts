/** A sequence is a protocol like any other, in every face that reads or writes messages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Connection,
  FrameDecoder,
  FrameDecoderStream,
  FrameEncoderStream,
  FrameReader,
  lines,
  readFrames,
  Requester,
  TruncatedFrameError,
} from "../../mod.ts";
import { bytes, chunksOf, latin1 } from "../support/bytes.ts";
import { batches, cuts, faces, receiving, sizes } from "../support/faces.ts";
import { recordingPair } from "../support/pairs.ts";
import { imap, outcomeOfAnyCut } from "../support/sequences.ts";
import { collect, streamOf, textOf } from "../support/streams.ts";
import { turn } from "../support/transports.ts";

const stream = bytes("A1 {3}\r\nabc\r\nA2\r\n");
const messages = [["A1 {3}", "abc", ""], ["A2"]];

test("FrameDecoder reads a sequence by read(), readAll() and iteration", () => {
  assert.deepEqual(outcomeOfAnyCut(imap, latin1(stream)), messages);
  for (const chunks of cuts(stream)) {
    const [one, all] = [new FrameDecoder(imap), new FrameDecoder(imap)];
    const [single, several]: string[][][] = [[], []];
    for (const chunk of chunks) {
      one.push(chunk);
      for (let message; (message = one.read()) !== undefined;) single!.push(message);
      all.push(chunk);
      several!.push(...all.readAll());
    }
    assert.deepEqual([single, several], [messages, messages], sizes(chunks));
  }
});

test("FrameDecoder.room() and advance() feed a sequence", () => {
  for (const size of [1, 2, 5, stream.length]) {
    const decoder = new FrameDecoder(imap);
    const read: string[][] = [];
    for (let at = 0; at < stream.length;) {
      const room = decoder.room();
      const chunk = stream.subarray(at, at + Math.min(size, room.length));
      room.set(chunk);
      decoder.advance(chunk.length);
      at += chunk.length;
      read.push(...decoder.readAll());
    }
    assert.deepEqual(read, messages);
  }
});

test("readFrames() and FrameReader read a sequence", async () => {
  for (const chunks of cuts(stream)) {
    const read: string[][] = [];
    for await (const message of readFrames(streamOf(...chunks), imap)) read.push(message);
    assert.deepEqual(read, messages, sizes(chunks));
    const reader = new FrameReader(streamOf(...chunks));
    assert.deepEqual([await reader.read(imap), await reader.read(imap)], messages, sizes(chunks));
    assert.equal(await reader.read(imap), undefined);
  }
});

test("FrameReader.detach() returns the bytes of an unfinished message", async () => {
  const reader = new FrameReader(streamOf("A1 {3}\r\nab"));
  assert.equal(textOf(await reader.read(lines())), "A1 {3}");
  const other = new FrameReader(streamOf("A2\r\nA1 {3}\r\nab"));
  assert.deepEqual(await other.read(imap), ["A2"]);
  assert.equal(await new Response(other.detach().readable).text(), "A1 {3}\r\nab");
});

test("FrameDecoderStream and FrameEncoderStream carry a sequence", async () => {
  for (const chunks of cuts(stream)) {
    const read = await collect(streamOf(...chunks).pipeThrough(new FrameDecoderStream(imap)));
    assert.deepEqual(read, messages, sizes(chunks));
  }
  const written = new ReadableStream<string[]>({
    start(controller) {
      for (const message of messages) controller.enqueue(message);
      controller.close();
    },
  }).pipeThrough(new FrameEncoderStream(imap));
  assert.equal((await collect(written)).map(latin1).join(""), latin1(stream));
});

for (const face of [...faces, batches]) {
  test(`Connection reads a sequence by ${face.name}`, async () => {
    for (const chunks of cuts(stream)) {
      const connection = receiving(chunks, imap);
      const read: string[][] = [];
      await face.read(connection, (message) => {
        read.push(message);
        return false;
      });
      assert.deepEqual(read, messages, sizes(chunks));
      connection.abort();
    }
  });
}

test("Connection.visit() refuses a sequence, and nothing is lost", async () => {
  const connection = receiving([stream], imap);
  await assert.rejects(connection.visit(() => {}), TypeError);
  assert.deepEqual(await connection.receive(), messages[0]);
  connection.abort();
});

test("Connection.send() writes a sequence", async () => {
  const pair = recordingPair();
  const connection = new Connection(pair, imap);
  for (const message of messages) await connection.send(message);
  await connection.flush();
  assert.equal(pair.chunks.map(latin1).join(""), latin1(stream));
  connection.abort();
});

test("Connection.receive() reports the end of the stream inside a sequence", async () => {
  for (const chunks of cuts(stream.slice(0, 10))) {
    const connection = receiving(chunks, imap);
    const error = await connection.receive().then(() => undefined, (error) => error);
    assert.ok(error instanceof TruncatedFrameError, sizes(chunks));
    assert.equal(latin1(error.partial as Uint8Array), "A1 {3}\r\nab");
    connection.abort();
  }
});

test("Connection.detach() returns the bytes of an unfinished sequence", async () => {
  const connection = receiving(chunksOf(bytes("A2\r\nA1 {3}\r\nab"), 100), imap);
  assert.deepEqual(await connection.receive(), ["A2"]);
  assert.equal(textOf(await connection.detach().read()), "A1 {3}\r\nab");
});

test("Connection.switchTo() continues with a sequence, and after one", async () => {
  for (const chunks of cuts(bytes("one\nA1 {3}\r\nabc\r\ntwo\n"))) {
    const connection = receiving(chunks, { framer: lines() });
    assert.equal(textOf(await connection.receive()), "one");
    const sequences = connection.switchTo(imap);
    assert.deepEqual(await sequences.receive(), messages[0], sizes(chunks));
    assert.equal(textOf(await sequences.switchTo(lines()).receive()), "two");
    connection.abort();
  }
});

test("Requester matches replies that are sequences", async () => {
  const pair = recordingPair();
  const requester = new Requester(new Connection(pair, imap));
  const [one, two] = [requester.request(["A1"]), requester.request(["A2"])];
  await turn();
  pair.push(latin1(stream));
  assert.deepEqual(await Promise.all([one, two]), messages);
  pair.end();
});
