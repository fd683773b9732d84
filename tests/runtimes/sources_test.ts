import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { test } from "node:test";
import { type ByteSource, FrameReader, lines, readFrames, text } from "../../mod.ts";
import { runsOn } from "../support/child.ts";
import { bounded } from "../support/limits.ts";
import { unless } from "../support/unless.ts";

const protocol = { framer: lines(), codec: text() };
const chunks = [Buffer.from("on"), Buffer.from("e\ntwo\n")];

const sources: Readonly<Record<string, () => ByteSource>> = {
  "a Readable of Node": () => Readable.from(chunks, { objectMode: false }),
  "a Readable of Node in object mode": () => Readable.from(chunks),
  "an array of Buffers": () => chunks,
  "batches of Buffers": () => [chunks],
  "a Blob of Node": () => new Blob(chunks),
};
for (const [name, source] of Object.entries(sources)) {
  test(`readFrames() and FrameReader read ${name}`, bounded, async () => {
    const messages: string[] = [];
    for await (const message of readFrames(source(), protocol)) messages.push(message);
    assert.deepEqual(messages, ["one", "two"]);
    const reader = new FrameReader(source());
    assert.equal(await reader.read(protocol), "one");
    assert.equal(await reader.read(protocol), "two");
    assert.equal(await reader.read(protocol), undefined);
  });
}

const hasIterable = runsOn("node") && Number.parseInt(process.versions.node) >= 26;
const withoutIterable = hasIterable && import.meta.url.endsWith(".ts")
  ? undefined
  : "it needs Node 26 and the sources";

test(
  ...unless(withoutIterable, "readFrames() reads the iterables of node:stream/iter"),
  async () => {
    const program = `
    import { fromSync, from, pull, push } from "node:stream/iter";
    import { readFrames, lines, text } from "${new URL("../../mod.ts", import.meta.url)}";
    const protocol = { framer: lines(), codec: text() };
    const { writer, readable } = push();
    const writing = (async () => {
      for (const chunk of ["on", "e\\ntwo\\n"]) await writer.write(chunk);
      await writer.end();
    })();
    for (const source of [readable, from("one\\ntwo\\n"), fromSync("one\\ntwo\\n"), pull(from("one\\ntwo\\n"))]) {
      for await (const message of readFrames(source, protocol)) console.log(message);
    }
    await writing;
  `;
    const flags = ["--experimental-stream-iter", "--input-type=module", "-e", program];
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, flags, (error, stdout) => error ? reject(error) : resolve(stdout));
    });
    assert.equal(output, "one\ntwo\n".repeat(4));
  },
);
