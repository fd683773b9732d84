/**
 * Packages of npm as peers of live tests. The scripts of `tests/live/peers/` use them, and run on Node, whatever the
 * runtime of the test.
 *
 * @module
 */

import process from "node:process";
import { after } from "node:test";
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
  start(role: string, options?: object): LineProcess;
}

const peers = new Set<LineProcess>();
// A peer of a test that failed would keep the process alive.
after(() => peers.forEach((peer) => peer.kill()));

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
  return {
    needed: (name) => unless(reason, name, within(60_000)),
    start(role, options = {}) {
      const command = [node!, file, role, JSON.stringify(options)];
      const peer = new LineProcess(command, { ...quiet, LIVE_PACKAGE: folder! });
      peers.add(peer);
      return peer;
    },
  };
}
