/** The server of `jsmodbus`. */

import { type AddressInfo, createServer } from "node:net";
import { tell } from "../../support/child.ts";
import { load, run } from "./package.ts";

const { server: { TCP } } = load("jsmodbus");

await run({
  /** Has 500 registers, until its first client has gone. */
  serve() {
    const server = createServer();
    new TCP(server, { holding: Buffer.alloc(1000) });
    server.on("connection", () => server.close());
    server.listen(0, "127.0.0.1", () => tell((server.address() as AddressInfo).port));
  },
});
