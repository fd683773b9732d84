/** Messages of `iso_8583`, over TCP. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { tell } from "../../support/child.ts";
import { load, run } from "./package.ts";

const Message = load("iso_8583");

await run({
  /** Sends a message byte by byte and two at once, which come back. */
  async work({ port }: { readonly port: number }) {
    const fields = { 0: "0800", 7: "0911131411", 11: "000001", 70: "301" };
    const built: Buffer = new Message(fields).getBufferMessage();
    const socket = connect(port, "127.0.0.1").setNoDelay();
    for (const byte of built) socket.write(Buffer.of(byte));
    socket.end(Buffer.concat([built, built]));
    const received = await buffer(socket);
    assert.equal(Buffer.compare(received, Buffer.concat([built, built, built])), 0);
    tell(new Message().getIsoJSON(received.subarray(0, built.length)));
  },
});
