import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, lines, listen, text, untilClose } from "../../mod.ts";
import { proxyV1, proxyV2, type ProxyV2Header } from "../../protocols.ts";
import { closeAll, failureOf } from "../support/connections.ts";
import { bytes } from "../support/bytes.ts";
import { bounded } from "../support/limits.ts";

test("proxyV2() keeps bytes that arrive with the header", bounded, async () => {
  const header: ProxyV2Header = {
    command: "proxy",
    transport: "stream",
    source: { hostname: "192.0.2.1", port: 56_324 },
    destination: { hostname: "198.51.100.7", port: 443 },
    values: [],
  };
  const listener = await listen(proxyV2());
  const client = await connect({ ...listener.address, ...proxyV2() });
  const server = (await listener.accept())!;
  listener.close();
  const talk = { framer: lines(), codec: text() };
  void client.send(header);
  const speaking = client.switchTo(talk);
  void speaking.send("EHLO example.com");
  assert.deepEqual(await server.receive(), header);
  const hearing = server.switchTo(talk);
  assert.equal(await hearing.receive(), "EHLO example.com");
  await closeAll(speaking, hearing);
});

test("proxyV1() and proxyV2() time out if a peer stalls inside the header", bounded, async () => {
  for (
    const [protocol, part] of [
      [proxyV1(), "PROXY TCP4 192.0.2.1"],
      [proxyV2(), "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0"],
    ] as const
  ) {
    const listener = await listen<unknown>({ ...protocol, frameTimeout: 50 });
    const client = await connect({ ...listener.address, framer: untilClose() });
    const server = (await listener.accept())!;
    listener.close();
    await client.send(bytes(part));
    const error = await failureOf(server.receive());
    assert.equal(error.code, "timedOut");
    assert.match(error.message, /frameTimeout/);
    client.abort();
  }
});
