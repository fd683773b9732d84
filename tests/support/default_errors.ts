/**
 * Serves several protocols with the default `onError`, in a process whose output a test reads:
 *
 *     deno run -A tests/support/default_errors.ts serve '{"tls":{…}}'
 *
 * Prints the ports by name, and exits after a line of input.
 *
 * @module
 */

import { setTimeout as timer } from "node:timers";
import {
  type Connection,
  contentLength,
  decimal,
  json,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  type Protocol,
  serve,
  type Server,
  text,
  type TlsOptions,
  uint32,
} from "../../mod.ts";
import { task, tell } from "./child.ts";
import { scaled } from "./limits.ts";

const [, { tls }] = task<{ readonly tls: TlsOptions }>();
timer(() => process.exit(3), scaled(40_000)).unref();

const protocols: Readonly<Record<string, Protocol<unknown>>> = {
  json: { framer: lines(), codec: json(), maxFrameLength: 1000 },
  text: { framer: lines(), codec: text() as never, maxFrameLength: 1000 },
  decimal: { framer: lengthPrefixed(decimal(5)) } as never,
  uint32: { framer: lengthPrefixed(uint32) } as never,
  netstring: { framer: netstring(), codec: text() as never },
  contentLength: { framer: contentLength(), codec: json() },
  marked: { framer: marked("\x0b", "\x1c\r"), codec: text() as never },
};

const servers: Record<string, Pick<Server, "address" | "close">> = {};
for (const [name, protocol] of Object.entries(protocols)) {
  servers[name] = await serve(protocol, echo);
}
const secured = { framer: lines(), codec: text(), tls };
servers["tls"] = await serve(secured, echo as never);
servers["bug"] = await serve(protocols["text"]!, async (connection) => {
  await connection.receive();
  throw new Error("a bug of the handler");
});
tell(
  Object.fromEntries(Object.entries(servers).map(([name, { address }]) => [name, address.port])),
);
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
for (const server of Object.values(servers)) await server.close();
tell("closed");

async function echo(connection: Connection<unknown>): Promise<void> {
  for await (const message of connection) await connection.send(message);
}
