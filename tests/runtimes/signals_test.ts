import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, fixed, listen, Requester, serve } from "../../mod.ts";
import { pair, textLines } from "../support/connections.ts";
import { bounded, scaled, sleep } from "../support/limits.ts";

/** Returns a signal, and a function that returns the number of its listeners. */
function watchedSignal(): { readonly signal: AbortSignal; readonly listeners: () => number } {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    listeners++;
    return addEventListener.apply(signal, args as never);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    listeners--;
    return removeEventListener.apply(signal, args as never);
  };
  return { signal, listeners: () => listeners };
}

/** Asserts that no listener is left. Some are removed a few turns after a call has settled. */
async function assertNone(listeners: () => number): Promise<void> {
  for (let turn = 0; turn < 20 && listeners() > 0; turn++) await sleep(1);
  assert.equal(listeners(), 0);
}

test("connect() leaves no listener on its signal", bounded, async () => {
  const { signal, listeners } = watchedSignal();
  const server = await serve(textLines, async (connection) => void await connection.receive());
  for (let count = 0; count < 3; count++) {
    const connection = await connect({ ...server.address, ...textLines, signal });
    await assertNone(listeners);
    await connection.close();
  }
  await server.close();
  await assert.rejects(connect({ ...server.address, ...textLines, signal }));
  await assertNone(listeners);
});

test(
  "listen() and serve() leave no listener on their signal once they are closed",
  bounded,
  async () => {
    const { signal, listeners } = watchedSignal();
    const listener = await listen({ ...textLines, signal });
    listener.close();
    assert.equal(await listener.accept(), undefined);
    const server = await serve({ ...textLines, signal }, () => {});
    await server.close();
    await assertNone(listeners);
  },
);

test("Connection.receive() and send() leave no listener on their signal", bounded, async () => {
  const { signal, listeners } = watchedSignal();
  const [client, server] = await pair({ framer: fixed(65_536) }, { highWaterMark: 1 });
  for (let count = 0; count < 3; count++) {
    const sent = client.send(new Uint8Array(65_536), { signal });
    const received = server.receive({ signal });
    await Promise.all([sent, received]);
  }
  await assertNone(listeners);
  const waiting = client.receive({ signal });
  await Promise.all([server.close(), waiting, client.close()]);
  await assertNone(listeners);
});

test("Requester.request() leaves no listener on its signal", bounded, async () => {
  const { signal, listeners } = watchedSignal();
  const server = await serve(textLines, async (connection) => {
    for await (const line of connection) await connection.send(line);
  });
  const connection = await connect({ ...server.address, ...textLines });
  const requester = new Requester(connection);
  for (let count = 0; count < 3; count++) {
    assert.equal(await requester.request("one", { signal, timeout: scaled(60_000) }), "one");
  }
  await assertNone(listeners);
  await connection.close();
  await server.close();
});
