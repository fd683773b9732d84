/** A peer of `bittorrent-protocol`, over TCP. */

import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run, type Untyped } from "./package.ts";

const Wire = load("./index.js").default;
const INFO_HASH = "0123456789abcdef0123456789abcdef01234567";
const PEER_ID = "2d4657303030322d313233343536373839303132";

/** Listens for one peer. */
function listen(serve: (wire: Untyped) => void): void {
  const server = createServer((socket: Socket) => {
    server.close();
    const wire = new Wire();
    socket.pipe(wire).pipe(socket);
    socket.on("close", () => wire.destroy());
    wire.on("handshake", (infoHash: string) => {
      assert.equal(infoHash, INFO_HASH);
      wire.handshake(INFO_HASH, PEER_ID);
      serve(wire);
    });
  });
  server.listen(0, "127.0.0.1", () => tell((server.address() as { port: number }).port));
}

await run({
  /** Has all pieces, and sends them. */
  seed() {
    listen((wire) => {
      wire.bitfield(new Uint8Array(128).fill(0xff));
      wire.on("interested", () => wire.unchoke());
      wire.on("have", (index: number) => tell({ have: index }));
      wire.on("keep-alive", () => tell("keepAlive"));
      wire.on("cancel", (...numbers: number[]) => tell({ cancel: numbers }));
      wire.on("request", (piece: number, offset: number, length: number, respond: Untyped) => {
        // A late piece can be cancelled.
        if (piece < 1000) respond(null, numbered(offset + length).subarray(offset));
      });
    });
  },

  /** Requests pieces, as soon as it is allowed to. */
  leech({ count, length }: { readonly count: number; readonly length: number }) {
    listen((wire) => {
      wire.on("bitfield", () => wire.interested());
      wire.on("unchoke", () => {
        let left = count;
        for (let piece = 0; piece < count; piece++) {
          wire.request(piece, length, length, (error: unknown, block: Uint8Array) => {
            assert.equal(error, null);
            assert.equal(Buffer.compare(block, numbered(2 * length).subarray(length)), 0);
            if (--left === 0) tell("whole");
          });
        }
      });
    });
  },
});
