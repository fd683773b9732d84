/** A service and a client of `dbus-next`. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run } from "./package.ts";

const { interface: { Interface }, Message, sessionBus } = load("dbus-next");

class Echo extends Interface {
  constructor() {
    super("org.example.Echo");
  }

  Echo(data: Uint8Array): Uint8Array {
    return data;
  }

  Echoed(count: number): number {
    return count;
  }
}
Echo.configureMembers({
  methods: { Echo: { inSignature: "ay", outSignature: "ay" } },
  signals: { Echoed: { signature: "u" } },
});

await run({
  /** Exports an object that returns bytes, until its input ends. */
  async serve({ path }: { readonly path: string }) {
    const bus = sessionBus({ busAddress: `unix:path=${path}` });
    await once(bus, "connect");
    const echo = new Echo();
    bus.export("/org/example/Echo", echo);
    await bus.requestName("org.example.Echo");
    tell("ready");
    process.stdin.on("data", () => echo.Echoed(7)).on("end", () => bus.disconnect());
  },

  /** Calls a method of another service. */
  async call({ path, length }: { readonly path: string; readonly length: number }) {
    const bus = sessionBus({ busAddress: `unix:path=${path}` });
    await once(bus, "connect");
    const body = [Buffer.from(numbered(length))];
    const reply = await bus.call(
      new Message({
        destination: "org.example.Ours",
        path: "/org/example/Ours",
        interface: "org.example.Echo",
        member: "Echo",
        signature: "ay",
        body,
      }),
    );
    assert.equal(Buffer.compare(reply.body[0], body[0]!), 0);
    tell(reply.body[0].length);
    bus.disconnect();
  },
});
