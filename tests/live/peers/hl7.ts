/** The server `node-hl7-server`, and the client `node-hl7-client`, which comes with it. */

import { tell } from "../../support/child.ts";
import { load, run, type Untyped } from "./package.ts";

const { Server } = load("node-hl7-server");
const { Client, Message } = load("node-hl7-client");

await run({
  /** Prints and acknowledges a message, until its first client has gone. */
  acknowledge() {
    const server = new Server({ bindAddress: "127.0.0.1" });
    const inbound = server.createInbound({ port: 0 }, (request: Untyped, response: Untyped) => {
      tell(request.getMessage().toString());
      return response.sendResponse("AA");
    });
    inbound.on("listen", () => tell(inbound._socket.address().port));
    inbound.on("client.close", () => inbound.close());
  },

  /** Sends messages, each when that before it has been acknowledged. */
  send({ port, count }: { readonly port: number; readonly count: number }) {
    const client = new Client({ host: "127.0.0.1" });
    const outbound = client.createConnection({ port }, (response: Untyped) => {
      tell(response.getMessage().get("MSA.1").toString());
      return sent < count ? send() : outbound.close();
    });
    let sent = 0;
    const send = () => {
      const type = { msh_9_1: "ADT", msh_9_2: "A01", msh_9_3: "ADT_A01" };
      const messageHeader = { ...type, msh_10: `ID${sent++}`, msh_11_1: "P" };
      return outbound.sendMessage(new Message({ messageHeader }));
    };
    send();
  },
});
