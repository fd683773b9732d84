/**
 * A stretch of bad network between client and server: passes all bytes on, in awkward pieces.
 *
 * @module
 */

/** The pieces that the first bytes of a direction are cut into; later ones go on as large ones. */
const AWKWARD = [1, 1, 2, 1, 3, 5, 1, 7, 2, 11, 1, 1, 4, 1000, 1, 3, 999, 1, 64];
const LARGE = 61_441;
const CUT_BYTES = 4096;

/** Listens on a port of its own, and passes every connection on to `port`. */
export function cut(port: number): { readonly port: number; close(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      for (const end of [client, server]) end.setNoDelay(true);
      Promise.allSettled([pass(client, server), pass(server, client)]).then(() => {
        for (const end of [client, server]) end.close();
      });
    }
  })().catch(() => {});
  return { port: listener.addr.port, close: () => listener.close() };
}

async function pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  let passed = 0;
  let turn = 0;
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    for (let at = 0; at < count;) {
      const size = passed < CUT_BYTES ? AWKWARD[turn++ % AWKWARD.length]! : LARGE;
      at += await to.write(buffer.subarray(at, Math.min(at + size, count)));
      passed += size;
    }
  }
  await to.closeWrite();
}
