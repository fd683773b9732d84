import assert from "node:assert/strict";
import { test } from "node:test";
import { closeAll, pair, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { identity, trusting } from "../support/tls.ts";

test("Connection.closeWrite() during startTls() ends the encrypted stream", bounded, async () => {
  const [client, server] = await pair(textLines);
  const starting = client.startTls(trusting);
  const ending = client.closeWrite();
  await Promise.all([starting, server.startTls(identity), ending]);
  assert.equal(await server.receive(), undefined);
  await server.send("reply");
  assert.equal(await client.receive(), "reply");
  await closeAll(client, server);
  assert.equal(await client.closed, "local");
});

test("Connection.close() during startTls() loses no message", bounded, async () => {
  const [client, server] = await pair(textLines);
  const starting = client.startTls(trusting);
  void client.send("secret");
  const closing = client.close();
  await Promise.all([starting, server.startTls(identity)]);
  assert.equal(await server.receive(), "secret");
  assert.equal(await server.receive(), undefined);
  assert.notEqual(server.tls, undefined);
  await Promise.all([closing, server.close()]);
  assert.equal(await server.closed, "remote");
});
