/** The client and the server of `ws`. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run, type Untyped } from "./package.ts";

const { WebSocket, WebSocketServer } = load("ws");
const MAX_PAYLOAD = 32 * 2 ** 20;

await run({
  /** Returns each message, some of them in fragments. Prints how connections end. */
  echo({ compress }: { readonly compress: boolean }) {
    const perMessageDeflate = compress && { threshold: 0 };
    const options = { host: "127.0.0.1", port: 0, maxPayload: MAX_PAYLOAD, perMessageDeflate };
    const server = new WebSocketServer(options, () => tell(server.address().port));
    server.on("connection", (socket: Untyped) => {
      socket.on("message", (data: Uint8Array, binary: boolean) => {
        if (`${data}` !== "fragments") return socket.send(data, { binary });
        socket.send("frag", { fin: false });
        socket.ping("between");
        socket.send("men", { fin: false });
        socket.send("ts", { fin: true });
      });
      socket.on("error", () => {});
      socket.on("close", (code: number, reason: Uint8Array) => {
        tell({ code, reason: `${reason}` });
        server.close();
      });
    });
  },

  /** Sends messages and a ping to a server, which returns them, and closes the connection. */
  async exchange({ port, lengths }: { readonly port: number; readonly lengths: number[] }) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/path`, "chat", {
      maxPayload: MAX_PAYLOAD,
      perMessageDeflate: false,
    });
    await once(socket, "open");
    tell(socket.protocol);
    for (const length of lengths) {
      const sent = numbered(length);
      socket.send(sent);
      const [data, binary] = await once(socket, "message");
      assert.ok(binary && Buffer.compare(data, sent) === 0);
    }
    socket.send("Hel", { fin: false });
    socket.ping("ping");
    socket.send("lo €", { fin: true });
    const pong = once(socket, "pong");
    tell(`${(await once(socket, "message"))[0]}`);
    tell(`${(await pong)[0]}`);
    socket.close(4000, "done €");
    const [code, reason] = await once(socket, "close");
    tell({ code, reason: `${reason}` });
  },
});
