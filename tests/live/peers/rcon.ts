/** The client `rcon-client`. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { within } from "../../support/limits.ts";
import { load, run } from "./package.ts";

const { Rcon } = load("rcon-client");

await run({
  /** Authenticates, the first time in vain, and sends commands. */
  async work({ port }: { readonly port: number }) {
    const options = { host: "127.0.0.1", port, maxPending: 50, ...within(30_000) };
    await assert.rejects(Rcon.connect({ ...options, password: "wrong" }), /Authentication failed/);
    const client = await Rcon.connect({ ...options, password: "secret €" });
    const commands = Array.from({ length: 1000 }, (_, index) => `say ${index} €`);
    commands.push("", "x".repeat(1400));
    const replies = await Promise.all(commands.map((command) => client.send(command)));
    assert.deepEqual(replies, commands.map((command) => `${command}!`));
    tell(replies.length);
    tell((await client.send("long")).length);
    await client.end();
  },
});
