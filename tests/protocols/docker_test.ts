import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError, FramingError } from "../../mod.ts";
import { docker, type DockerMessage, dockerStreams } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, chunksOf, hex, latin1 } from "../support/bytes.ts";
import { fatal, type Golden, golden, hostile, invalid, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const cases: readonly Golden<DockerMessage>[] = [
  { message: { stream: "stdout", data: bytes("hi\n") }, bytes: bytes("\x01\0\0\0\0\0\0\x03hi\n") },
  { message: { stream: "stderr", data: bytes("no") }, bytes: bytes("\x02\0\0\0\0\0\0\x02no") },
  { message: { stream: "stdin", data: bytes("") }, bytes: bytes("\0\0\0\0\0\0\0\0") },
  { message: { stream: "stdout", data: bytes("bye") }, bytes: bytes("\x01\0\0\0\0\0\0\x03bye") },
];
const stream = concat(cases.map(({ bytes }) => bytes));

test(
  "docker() reads and writes the streams of a container",
  bounded,
  () => verifyProtocol(docker(), [golden(cases)]),
);

test("docker() refuses the output of a terminal, and a hostile length", bounded, async () => {
  await verifyProtocol(docker(), [
    fatal(cases[0]!, bytes("root@c:/# "), /unknown stream 114: a container with a term/),
    fatal(cases[0]!, bytes("\x01\x02\0\0\0\0\0\0"), /bytes other than zero/),
    hostile(hex("01 00 00 00 ff ff ff ff")),
  ]);
});

test("docker() reports an error message of the daemon", bounded, async () => {
  await verifyProtocol(docker(), [
    ...invalid(cases[0]!, /an error of the daemon/, bytes("\x03\0\0\0\0\0\0\x03bad")),
  ]);
});

test("docker() refuses to write an unknown stream", () => {
  verifyRefused(docker(), { stream: "stdlog" as "stdin", data: bytes("") }, TypeError);
});

test("dockerStreams() splits output, whichever stream is read first and however it is cut", async () => {
  for (let size = 1; size <= stream.length; size++) {
    for (const [first, second] of [["stdout", "stderr"], ["stderr", "stdout"]] as const) {
      const streams = dockerStreams(chunksOf(stream, size));
      const texts = {
        [first]: await new Response(streams[first]).text(),
        [second]: await new Response(streams[second]).text(),
      };
      assert.deepEqual(texts, { stdout: "hi\nbye", stderr: "no" });
    }
    const { stdout, stderr } = dockerStreams(chunksOf(stream, size));
    const both = [stdout, stderr].map((one) => new Response(one).text());
    assert.deepEqual(await Promise.all(both), ["hi\nbye", "no"]);
  }
});

test("dockerStreams() reads no more than is asked for, and cancels the source with both streams", async () => {
  let pulls = 0;
  let cancelled = false;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls++;
      controller.enqueue(stream.slice());
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const { stdout, stderr } = dockerStreams(source);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(pulls, 0);
  const reader = stdout.getReader();
  assert.equal(latin1((await reader.read()).value!), "hi\n");
  assert.equal(pulls, 1);
  await stderr.cancel();
  assert.equal(cancelled, false);
  assert.equal(latin1((await reader.read()).value!), "bye");
  assert.equal(latin1((await reader.read()).value!), "hi\n");
  await reader.cancel();
  assert.equal(cancelled, true);
});

test("dockerStreams() fails both streams, after the data that came before", async () => {
  const failures = [
    [bytes("\x03\0\0\0\0\0\0\x03bad"), CodecError],
    [bytes("$ ls -l /"), FramingError],
    [bytes("\x01\0"), FramingError],
  ] as const;
  for (const [bad, kind] of failures) {
    let cancelled = bad.length === 2;
    const { stdout, stderr } = dockerStreams(
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(concat([cases[0]!.bytes, bad]));
          if (cancelled) controller.close();
        },
        cancel: () => void (cancelled = true),
      }),
    );
    const reader = stdout.getReader();
    assert.equal(latin1((await reader.read()).value!), "hi\n");
    await assert.rejects(reader.read(), kind);
    await assert.rejects(stderr.getReader().read(), kind);
    assert.equal(cancelled, true);
  }
});

test(
  "docker() refuses unknown streams, and each byte of a header that is not zero",
  bounded,
  async () => {
    const headers = [1, 2, 3].map((at) => {
      const header = hex("01 00 00 00 00 00 00 01 61");
      header[at] = 1;
      return header;
    });
    await verifyProtocol(docker(), [
      fatal(cases[0]!, bytes("\x04\0\0\0\0\0\0\x01a"), /unknown stream 4/),
      ...headers.map((header) => fatal(cases[0]!, header, /bytes other than zero/)),
    ]);
  },
);
