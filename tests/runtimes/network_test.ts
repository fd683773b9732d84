import assert from "node:assert/strict";
import { test } from "node:test";
import { child } from "../support/child.ts";
import { sleep, within } from "../support/limits.ts";
import { link, noLinks, type Weather } from "../support/namespaces.ts";
import { unless } from "../support/unless.ts";

const bounded = within(30_000);
const fair: Weather = { loss: 0, duplicate: 0, reorder: 0, delay: 1, seed: 1 };
const foul: Weather = { loss: 0.02, duplicate: 0.02, reorder: 0.1, delay: 2, seed: 7 };

test(
  ...unless(
    noLinks,
    "Connection delivers every message over a line that loses, delays and reorders packets",
    bounded,
  ),
  async () => {
    const line = await link(foul);
    const { left, right } = line;
    const server = child("peer echo", { hostname: right.address }, right.wrap);
    const { port } = await server.next() as { readonly port: number };
    const count = 300;
    const options = { hostname: right.address, port, count };
    const client = child("peer exchange", options, left.wrap);
    const result = (await client.ended).at(-1) as { readonly bytes: number };
    assert.deepEqual(result, { back: count, bytes: result.bytes, reason: "local" });
    assert.ok(result.bytes > 400_000);
    const tally = await line.tally();
    assert.ok(tally.dropped > 0, `none of ${tally.passed} packets was lost`);
    if (line.kind === "tun") assert.ok(tally.duplicated > 0 && tally.reordered > 0);
    server.kill();
    await line.close();
  },
);

test(
  ...unless(noLinks, "Connection continues when a line that was cut is restored", bounded),
  async () => {
    const line = await link(fair);
    const { left, right } = line;
    const server = child("peer echo", { hostname: right.address }, right.wrap);
    const { port } = await server.next() as { readonly port: number };
    const options = { hostname: right.address, port, count: 3000 };
    const client = child("peer exchange", options, left.wrap);
    assert.deepEqual(await client.next(), { back: 50 });
    await line.cut();
    const before = (await line.tally()).dropped;
    // Wait until they have retransmitted several times.
    while ((await line.tally()).dropped < before + 6) {
      await sleep(50);
    }
    await line.mend();
    const result = (await client.ended).at(-1) as { readonly bytes: number };
    assert.deepEqual(result, { back: 3000, bytes: result.bytes, reason: "local" });
    server.kill();
    await line.close();
  },
);

test(
  ...unless(
    noLinks,
    "Connection times out on a peer that has vanished, by each of its timeouts",
    bounded,
  ),
  async () => {
    const line = await link(fair);
    const { left, right } = line;
    const server = child("peer echo", { hostname: right.address }, right.wrap);
    const { port } = await server.next() as { readonly port: number };
    const where = { hostname: right.address, port };
    const waiting = child("peer hang", { ...where, idleTimeout: 2000 }, left.wrap);
    const pouring = child("peer pour", { ...where, closeTimeout: 500 }, left.wrap);
    assert.equal(await waiting.next(), "connected");
    assert.equal(await pouring.next(), "connected");
    // The clients must not see the server's process end.
    await line.cut();
    server.kill();
    const late = child("peer connect", { ...where, connectTimeout: 500 }, left.wrap);
    assert.deepEqual(await waiting.next(), {
      code: "timedOut",
      timeout: "idleTimeout",
      reason: "timedOut",
    });
    assert.deepEqual(await pouring.next(), {
      facts: { code: "timedOut", timeout: "closeTimeout" },
      reason: "timedOut",
    });
    assert.deepEqual(await late.next(), { code: "timedOut", timeout: "connectTimeout" });
    await Promise.all([waiting.ended, pouring.ended, late.ended]);
    await line.close();
  },
);
