/** `protobuf` with `protobufjs`, over stdin and stdout. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, FrameEncoder } from "../../mod.ts";
import { protobuf } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { numbered } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

interface Order {
  readonly id: number;
  readonly text: string;
  readonly data: Uint8Array;
}

const peer = npmPeer("protobufjs", "protobufjs@8.8.1");

/** What generated code would do: `uint32 id = 1; string text = 2; bytes data = 3;`. */
const codec: Codec<Uint8Array, Uint8Array, Order> = {
  decode: (message) => message,
  encode({ id, text, data }) {
    // Texts and bytes follow their lengths, as messages do.
    const fields = new FrameEncoder(protobuf());
    fields.write(new TextEncoder().encode(text));
    const encodedText = concat(fields.drain());
    fields.write(data);
    const encodedData = concat(fields.drain());
    const tags = [Uint8Array.of(8, id & 0x7f | 0x80, id >> 7, 18), Uint8Array.of(26)] as const;
    return concat([tags[0], encodedText, tags[1], encodedData]);
  },
};

test(...peer.needed("protobuf() exchanges delimited messages with protobufjs"), async () => {
  const child = await peer.spawned("orders", { ...protobuf(), codec });
  const orders = Array.from({ length: 1000 }, (_, index) => ({
    id: 200 + index,
    text: `€ ${index}`,
    data: numbered(index + 1),
  }));
  orders.push({ id: 2000, text: "large", data: numbered(3 * 2 ** 20) });
  const sending = (async () => {
    for (const order of orders) await child.send(order);
    await child.closeWrite();
  })();
  for (const order of orders) {
    assert.deepEqual(await child.receive(), codec.encode({ ...order, id: order.id + 1 }));
  }
  await sending;
  assert.equal(await child.receive(), undefined);
  assert.deepEqual(await child.exited, { code: 0, signal: undefined });
  await child.close();
});
