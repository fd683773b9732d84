import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, serve } from "../../mod.ts";
import { jsonRpc, JsonRpcPeer } from "../../protocols.ts";
import { bounded } from "../support/limits.ts";

test("JsonRpcPeer works in both directions over a socket", bounded, async () => {
  const greeter = {
    async greet({ name }: { name: string }) {
      return `${await peers[0]!.request<string>("greeting", [name])} ${name}`;
    },
  };
  const peers: JsonRpcPeer[] = [];
  const server = await serve(jsonRpc(), async (connection) => {
    const peer = new JsonRpcPeer(connection, { methods: greeter });
    peers.push(peer);
    await peer.ended;
  });
  const connection = await connect({ ...server.address, ...jsonRpc() });
  const greeting = ([name]: [string]) => name === "Ada" ? "Hello" : "Hi";
  const peer = new JsonRpcPeer(connection, { methods: { greeting } });
  const names = ["Ada", ...Array.from({ length: 500 }, (_, index) => `${index}`)];
  const greetings = await Promise.all(names.map((name) => peer.request("greet", { name })));
  assert.deepEqual(greetings, names.map((name) => `${name === "Ada" ? "Hello" : "Hi"} ${name}`));
  await connection.close();
  await server.close();
});
