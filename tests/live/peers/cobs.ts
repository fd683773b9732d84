/** The codec `cobs`, over TCP. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { tell } from "../../support/child.ts";
import { load, run } from "./package.ts";
import { packets } from "./packets.ts";

const { decode, encode } = load("cobs");

await run({
  /** Sends packets, which come back. */
  async work({ port }: { readonly port: number }) {
    const socket = connect(port, "127.0.0.1");
    for (const packet of packets) socket.write(Buffer.concat([encode(packet), Buffer.of(0)]));
    socket.end();
    let rest = Buffer.alloc(0);
    let count = 0;
    for await (const chunk of socket) {
      rest = Buffer.concat([rest, chunk]);
      for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
        assert.equal(Buffer.compare(decode(rest.subarray(0, end)), packets[count++]!), 0);
      }
    }
    assert.equal(rest.length, 0);
    tell(count);
  },
});
