/** The client of Node's `http2` module. */

import { connect } from "node:http2";
import { tell } from "../../support/child.ts";
import { run } from "./package.ts";

await run({
  /** Pings a server, posts a body, and prints the length of the response. */
  post({ port, length }: { readonly port: number; readonly length: number }) {
    const session = connect(`http://127.0.0.1:${port}`);
    let pinged = false;
    session.on("connect", () => session.ping((error) => pinged = error === null));
    const stream = session.request({ ":method": "POST", ":path": "/upload" });
    let [status, received]: [unknown, number] = [undefined, 0];
    stream.on("response", (headers) => status = headers[":status"]);
    stream.on("data", (chunk) => received += chunk.length).on("end", () => {
      tell({ status, received, pinged });
      session.close();
    });
    stream.end(new Uint8Array(length));
  },
});
