import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  Connection,
  hexDump,
  json,
  lengthPrefixed,
  lines,
  type Tap,
  uint8,
} from "../../mod.ts";
import { utf8 } from "../support/streams.ts";
import { pipe } from "../support/transports.ts";

/** Returns a tap that records each event as a line. */
function recordingTap(): { readonly tap: Tap; readonly seen: string[] } {
  const seen: string[] = [];
  const tap: Tap = {
    chunk: ({ direction, offset, bytes }) => seen.push(`chunk ${direction} ${offset} ${bytes}`),
    frame: ({ direction, offset, length }) => seen.push(`frame ${direction} ${offset} ${length}`),
    backpressure: ({ pending }) => seen.push(`backpressure ${pending}`),
    end: ({ direction, reason }) => seen.push(`end ${direction} ${reason ?? ""}`.trim()),
  };
  return { tap, seen };
}

test("Tap receives chunks, frames with their offset and wire length, and ends", async () => {
  const [here, there] = pipe();
  const { tap, seen } = recordingTap();
  const tapped = new Connection(here, { framer: lengthPrefixed(uint8), tap });
  const peer = new Connection(there, { framer: lengthPrefixed(uint8) });
  void tapped.send(Uint8Array.of(7));
  void tapped.send(Uint8Array.of(8, 9));
  await peer.receive();
  await peer.receive();
  void peer.send(Uint8Array.of(1));
  await peer.send(Uint8Array.of());
  await tapped.receive();
  await tapped.receive();
  const closing = tapped.close();
  assert.equal(await peer.receive(), undefined);
  await Promise.all([closing, peer.close()]);
  assert.deepEqual(seen, [
    "frame out 0 2",
    "frame out 2 3",
    "chunk out 0 1,7,2,8,9",
    "chunk in 0 1,1,0",
    "frame in 0 2",
    "frame in 2 1",
    "end out",
    "end in",
    "end both local",
  ]);
});

test("Tap receives frames that are visited, and frames that the codec cannot decode", async () => {
  const [here, there] = pipe();
  const { tap, seen } = recordingTap();
  const tapped = new Connection<unknown>(here, { framer: lines(), codec: json(), tap });
  const writer = there.writable.getWriter();
  const written = writer.write(utf8("1\n{\n2\n33\n")).then(() => writer.close());
  assert.equal(await tapped.receive(), 1);
  await assert.rejects(tapped.receive(), CodecError);
  await tapped.visit(() => {});
  await written;
  assert.deepEqual(seen.filter((line) => line.startsWith("frame")), [
    "frame in 0 2",
    "frame in 2 2",
    "frame in 4 2",
    "frame in 6 3",
  ]);
  tapped.abort();
});

test("Tap receives nothing from the next owner of a detached transport", async () => {
  const [here, there] = pipe();
  const { tap, seen } = recordingTap();
  const tapped = new Connection(here, { framer: lengthPrefixed(uint8), tap });
  const peer = new Connection(there, { framer: lengthPrefixed(uint8) });
  void tapped.send(Uint8Array.of(7));
  const next = new Connection(tapped.detach(), { framer: lengthPrefixed(uint8) });
  await peer.receive();
  void peer.send(Uint8Array.of(1));
  await next.receive();
  await next.send(Uint8Array.of(2));
  await peer.receive();
  assert.deepEqual(seen, ["frame out 0 2", "end both detached", "chunk out 0 1,7"]);
  await Promise.all([next.close(), peer.close()]);
  assert.equal(seen.length, 3);
});

test("Tap receives one backpressure event when senders are asked to wait", async () => {
  const [here, there] = pipe();
  const { tap, seen } = recordingTap();
  const options = { framer: lengthPrefixed(uint8), highWaterMark: 100, tap };
  const connection = new Connection(here, options);
  for (let count = 0; count < 3; count++) void connection.send(new Uint8Array(59));
  assert.deepEqual(seen.filter((line) => line.startsWith("backpressure")), ["backpressure 120"]);
  const peer = new Connection(there, { framer: lengthPrefixed(uint8) });
  for (let count = 0; count < 3; count++) await peer.receive();
  await connection.flush();
  connection.abort();
});

test("hexDump() prints chunks, frames, backpressure and ends", () => {
  const seen: string[] = [];
  const tap = hexDump((line) => seen.push(line));
  tap.chunk!({ direction: "in", offset: 16, bytes: utf8("0123456789abcdef\x00~\x7f") });
  tap.frame!({ direction: "in", offset: 16, length: 19 });
  tap.backpressure!({ pending: 70_000 });
  tap.end!({ direction: "out" });
  tap.end!({ direction: "both", reason: "reset" });
  assert.deepEqual(seen, [
    "< 00000010  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|",
    "< 00000020  00 7e 7f" + " ".repeat(42) + "|.~.|",
    "< frame at 16: 19 bytes",
    "> backpressure: 70000 bytes pending",
    "> end",
    "= end: reset",
  ]);
});
