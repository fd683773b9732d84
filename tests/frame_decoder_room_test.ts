import assert from "node:assert/strict";
import { test } from "node:test";
import { fixed, FrameDecoder } from "../mod.ts";
import { bytes, latin1 } from "./support/bytes.ts";

test("FrameDecoder.advance() appends correctly if all frames were taken after room()", () => {
  for (const size of [2, 600, 20_000]) {
    for (const reads of ["read", "visit"] as const) {
      const decoder = new FrameDecoder({ framer: fixed(size) });
      const frames: string[] = [];
      const take = () => {
        if (reads === "read") { for (const frame of decoder) frames.push(latin1(frame)); }
        else decoder.visit((all, start, end) => frames.push(latin1(all.subarray(start, end))));
      };
      const stream = "x".repeat(size) + "y".repeat(size) + "z".repeat(size);
      decoder.push(bytes(stream.slice(0, size)));
      for (let at = size; at < stream.length;) {
        const room = decoder.room();
        take();
        const part = bytes(stream.slice(at, at + room.length));
        room.set(part);
        decoder.advance(part.length);
        at += part.length;
      }
      take();
      assert.equal(frames.join(""), stream);
    }
  }
});
