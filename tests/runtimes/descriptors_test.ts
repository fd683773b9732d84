import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, listen } from "../../mod.ts";
import { child, runsOn } from "../support/child.ts";
import { textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const folder = temporaryFolder();

/** Runs a command with few file descriptors. */
function limited(command: readonly string[]): readonly string[] {
  return ["sh", "-c", 'ulimit -n 100; exec "$@"', "sh", ...command];
}

test(
  'connect() and listen() report "tooManyFiles" without a free descriptor',
  bounded,
  async () => {
    const listener = await listen(textLines);
    const { port } = listener.address;
    const unixListener = await listen({ path: `${folder}/there`, ...textLines });
    const attempts = [
      { to: "connect", port },
      { to: "connect", path: unixListener.address.path },
      { to: "connect", port, hostname: "localhost" },
      { to: "listen" },
      { to: "listen", hostname: "localhost" },
      { to: "listen", path: `${folder}/here` },
    ];
    const process = child("socket_roles descriptors", { attempts }, limited);
    for (const attempt of attempts) {
      assert.deepEqual(await process.next(), ["tooManyFiles", "ok"], JSON.stringify(attempt));
    }
    await process.ended;
    listener.close();
    unixListener.close();
  },
);

test(
  'connect() reports "refused" and "notFound" once a descriptor is free again',
  bounded,
  async () => {
    const attempts = [{ to: "connect", port: 1 }, { to: "connect", path: `${folder}/none` }];
    const process = child("socket_roles descriptors", { attempts }, limited);
    assert.deepEqual(await process.next(), ["tooManyFiles", "refused"]);
    assert.deepEqual(await process.next(), ["tooManyFiles", "notFound"]);
    await process.ended;
  },
);

test("Listener.accept() recovers when there are free descriptors again", bounded, async () => {
  const process = child("socket_roles accepting", {}, limited);
  const { port } = await process.next() as { readonly port: number };
  const lost = await connect({ port, ...textLines });
  process.go();
  const outcome = await process.next();
  // Node closes the connection itself, and reports nothing.
  if (runsOn("deno")) assert.equal(outcome, "tooManyFiles");
  else assert.ok(outcome === "tooManyFiles" || outcome === "pending", `${outcome}`);
  assert.equal(await process.next(), "free");
  lost.abort();
  const client = await connect({ port, ...textLines });
  await client.send("hello");
  assert.equal(await client.receive(), "hello");
  await client.close();
  process.kill();
});
