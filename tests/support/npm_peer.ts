/**
 * Packages of npm as peers of live tests. The scripts of `tests/live/peers/` use them, and run on Node, whatever the
 * runtime of the test.
 *
 * @module
 */

import process from "node:process";
import { after } from "node:test";
import {
  type ChildConnection,
  connect,
  type Connection,
  ConnectionError,
  type Handler,
  type Protocol,
  serve,
  type ServeOptions,
  spawn,
} from "../../mod.ts";
import { quiet } from "./child.ts";
import { within } from "./limits.ts";
import { LineProcess } from "./line_process.ts";
import { npmPackage } from "./npm_program.ts";
import { type TestOptions, unless } from "./unless.ts";

/** A package and the script that uses it. */
export interface NpmPeer {
  /** Returns the name and the options of a test that is skipped if the package cannot be installed. */
  needed(name: string): [name: string, options: TestOptions];
  /** Starts the script, which prints its results as lines of JSON. */
  start(role: string, options: object): LineProcess;
  /** Starts the script as a server, which prints its port, and connects to it. */
  connected<In, Out>(
    role: string,
    protocol: Protocol<In, Out>,
    options?: object,
  ): Promise<{ readonly connection: Connection<In, Out>; readonly peer: LineProcess }>;
  /** Starts the script, and connects to its standard input and output. */
  spawned<In, Out>(role: string, protocol: Protocol<In, Out>): Promise<ChildConnection<In, Out>>;
  /** Starts the script as a client of a server. Returns what it has printed, once it has ended. */
  served<In, Out>(
    role: string,
    protocol: Protocol<In, Out> & ServeOptions,
    handler: Handler<In, Out>,
    options?: object,
  ): Promise<unknown[]>;
}

// What a failed test leaves open would keep the process alive.
const open = new Set<() => void>();
after(() => open.forEach((close) => close()));

/**
 * Installs a package for a script.
 *
 * @param script Name of the script.
 * @param name The package with its version; without it, the script needs only Node.
 */
export function npmPeer(script: string, name?: string): NpmPeer {
  const node = process.env["LIVE_NODE"];
  const folder = name === undefined ? "" : npmPackage(name);
  const reason = node === undefined
    ? "Node cannot be installed"
    : folder === undefined
    ? `${name} cannot be installed`
    : undefined;
  const file = decodeURIComponent(new URL(`../live/peers/${script}.ts`, import.meta.url).pathname);
  const env = { ...quiet, LIVE_PACKAGE: folder! };

  function start(role: string, options: object): LineProcess {
    const peer = new LineProcess([node!, file, role, JSON.stringify(options)], env);
    open.add(() => peer.kill());
    return peer;
  }

  return {
    needed: (name) => unless(reason, name, within(60_000)),
    start,
    async connected(role, protocol, options = {}) {
      const peer = start(role, options);
      const connection = await connect({ port: await peer.next() as number, ...protocol });
      open.add(() => connection.abort());
      return { connection, peer };
    },
    async spawned(role, protocol) {
      const all = { ...process.env, ...env } as Record<string, string>;
      const child = await spawn({
        command: node!,
        args: [file, role, "{}"],
        env: all,
        stderr: "inherit",
        ...protocol,
      });
      open.add(() => child.abort());
      return child;
    },
    async served(role, protocol, handler, options = {}) {
      const errors: unknown[] = [];
      const onError = (error: unknown) => {
        // Drivers may abandon connections that they do not need any more, also without a close_notify.
        const code = error instanceof ConnectionError && error.code;
        if (code === "reset" || code === "truncated") return;
        errors.push(error);
        client?.kill();
      };
      const server = await serve({ ...protocol, onError }, handler);
      open.add(() => void server.shutdown({ deadline: 0 }));
      const client = start(role, { ...options, port: server.address.port });
      const lines = await client.ended.catch((error) => {
        throw errors[0] ?? error;
      });
      await server.close();
      if (errors.length > 0) throw errors[0];
      return lines;
    },
  };
}
