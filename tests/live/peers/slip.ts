/** The codec `slip`, over TCP. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { tell } from "../../support/child.ts";
import { load, run } from "./package.ts";
import { packets } from "./packets.ts";

const { Decoder, encode } = load("slip");

await run({
  /** Sends packets, which come back. */
  async work({ port }: { readonly port: number }) {
    const socket = connect(port, "127.0.0.1");
    for (const packet of packets) socket.write(encode(packet));
    socket.end();
    let count = 0;
    const decoder = new Decoder({
      onMessage(packet: Uint8Array) {
        assert.equal(Buffer.compare(packet, packets[count++]!), 0);
      },
    });
    for await (const chunk of socket) decoder.decode(chunk);
    tell(count);
  },
});
