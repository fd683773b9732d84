import type { Protocol, ProtocolParts } from "./protocol.ts";

/**
 * Returns a protocol that each {@link Connection} creates anew, because its messages depend on earlier ones of the
 * same connection: `connect`, `listen`, `serve` and `switchTo` can then share it. A decoder and an encoder that are
 * used without a connection share the state of the returned protocol.
 *
 * Connections also share that state if `framer`, `codec` or `sending` has been replaced, as in
 * `{ ...stateful(create), codec }`: replace it in `create` instead. `Server.broadcast` skips the connections.
 *
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
 * @param create Called once, and then for each connection.
 *
 * @example A server that numbers the lines of each connection
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, lines, serve, stateful, text } from "@framewright/framewright";
 *
 * const numbered = stateful(() => {
 *   let count = 0;
 *   const { decode, encode } = text();
 *   return { framer: lines(), codec: { decode, encode: (line: string) => encode(`${++count} ${line}`) } };
 * });
 * await using server = await serve(numbered, async (connection) => await connection.send("line"));
 * for (let client = 0; client < 2; client++) {
 *   await using connection = await connect({ ...server.address, framer: lines(), codec: text() });
 *   assert.equal(await connection.receive(), "1 line");
 * }
 * ```
 */
export function stateful<In = Uint8Array, Out = In>(
  create: () => Protocol<In, Out>,
): Protocol<In, Out> {
  const shared: ProtocolParts<In, Out> = create();
  const perConnection = (given: ProtocolParts<unknown, never>) => {
    const replaced = given.framer !== shared.framer || given.codec !== shared.codec ||
      given.sending !== shared.sending;
    if (replaced) return given;
    const { framer, codec, sending }: ProtocolParts<In, Out> = create();
    return { ...given, framer, ...codec && { codec }, ...sending && { sending } };
  };
  return { ...shared, perConnection } as unknown as Protocol<In, Out>;
}
