/**
 * The server that `scripts/test_live.ts` has started for a live test.
 *
 * @module
 */

import process from "node:process";
import { after } from "node:test";
import { connect, type Connection, type ConnectOptions, type Protocol } from "../../mod.ts";
import { within } from "./limits.ts";

/** The server's port; the four ports after it are free for other uses. */
export const port: number = Number(variable("LIVE_PORT"));
/** The server's folder: its data, and files for the test. */
export const folder: string = variable("LIVE_FOLDER");
/** Options of a live test. */
export const live: { readonly timeout: number } = within(30_000);

const connections = new Set<{ abort(): void }>();
// An open connection of a test that failed would keep the process alive.
after(() => connections.forEach((connection) => connection.abort()));

/** Connects to the server. */
export async function connected<In, Out>(
  protocol: Protocol<In, Out>,
  options: ConnectOptions = {},
): Promise<Connection<In, Out>> {
  const address = options.path === undefined ? { port } : {};
  const connection = await connect({ ...address, ...options, ...protocol });
  connections.add(connection);
  return connection;
}

/** Returns the next message of a connection that has not ended. */
export async function next<In>(connection: Connection<In, never>): Promise<In> {
  const message = await connection.receive();
  if (message === undefined) throw new Error("The server has closed the connection");
  return message;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new Error(`${name} is not set: run this test by "deno task test:live"`);
}
