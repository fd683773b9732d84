import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, FrameReader } from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { openStream } from "../support/streams.ts";

type Receive = (signal?: AbortSignal) => Promise<string | undefined>;

/** Ways to receive the lines of a stream, by name. */
const faces: Record<string, (readable: ReadableStream<Uint8Array>) => Receive> = {
  "FrameReader.read()"(readable) {
    const reader = new FrameReader(readable);
    return (signal) => reader.read(textLines, signal === undefined ? {} : { signal });
  },
  "Connection.receive()"(readable) {
    const connection = new Connection({ readable, writable: new WritableStream() }, textLines);
    return (signal) => connection.receive(signal === undefined ? {} : { signal });
  },
};

const reason = new Error("enough");

for (const [face, open] of Object.entries(faces)) {
  test(`${face} does not affect the calls before and after it when it is aborted`, async () => {
    for (let aborted = 0; aborted < 5; aborted++) {
      const { readable, push } = openStream();
      const receive = open(readable);
      const controller = new AbortController();
      const calls = Array.from({ length: 5 }, (_, index) => {
        return receive(index === aborted ? controller.signal : undefined);
      });
      const rejected = assert.rejects(calls[aborted]!, (error) => error === reason);
      controller.abort(reason);
      await rejected;
      push("a\nb\nc\nd\n");
      const others = calls.filter((_, index) => index !== aborted);
      assert.deepEqual(await Promise.all(others), ["a", "b", "c", "d"], `call ${aborted}`);
    }
  });

  test(`${face} is served after aborted calls`, async () => {
    // The first call, the last call, and all of them.
    for (const indices of [[0], [2], [0, 1, 2]]) {
      const { readable, push } = openStream();
      const receive = open(readable);
      const controller = new AbortController();
      const calls = Array.from({ length: 3 }, (_, index) => {
        return receive(indices.includes(index) ? controller.signal : undefined);
      });
      const outcomes = Promise.allSettled(calls);
      controller.abort(reason);
      const later = [receive(), receive()];
      push("a\nb\n");
      push("c\nd\n");
      const waiting = calls.filter((_, index) => !indices.includes(index));
      assert.deepEqual(
        await Promise.all([...waiting, ...later]),
        ["a", "b", "c", "d"].slice(0, waiting.length + later.length),
      );
      const rejected = (await outcomes).filter(({ status }) => status === "rejected");
      assert.equal(rejected.length, indices.length);
    }
  });

  test(`${face} ignores an abort after it was served`, async () => {
    const { readable, push } = openStream();
    const receive = open(readable);
    const controller = new AbortController();
    const { signal } = controller;
    const served = [receive(signal), receive()];
    const waiting = receive();
    const aborted = receive(signal);
    push("a\nb\n");
    assert.deepEqual(await Promise.all(served), ["a", "b"]);
    const rejected = assert.rejects(aborted, (error) => error === reason);
    controller.abort(reason);
    await rejected;
    const last = receive();
    push("c\nd\n");
    assert.deepEqual(await Promise.all([waiting, last]), ["c", "d"]);
  });

  test(`${face} reports the end if other calls were aborted`, async () => {
    const { readable, push, end } = openStream();
    const receive = open(readable);
    const controller = new AbortController();
    const calls = [receive(), receive(controller.signal), receive(), receive(controller.signal)];
    const outcomes = Promise.allSettled(calls);
    controller.abort(reason);
    push("a\n");
    end();
    const settled = (await outcomes).map((one) =>
      one.status === "fulfilled" ? one.value : "aborted"
    );
    assert.deepEqual(settled, ["a", "aborted", undefined, "aborted"]);
    assert.equal(await receive(), undefined);
  });
}
