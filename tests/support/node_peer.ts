/**
 * Peers that run on Node and use an npm package.
 *
 * @module
 */

import { within } from "./limits.ts";
import { LineProcess } from "./line_process.ts";
import { npmPackage } from "./npm_program.ts";
import { type TestOptions, unless } from "./unless.ts";

const PRELUDE = `
const say = (value) => console.log(JSON.stringify(value));
// Ends with the test.
process.stdin.resume().on("end", () => process.exit());
`;

/** An npm package that peers use. */
export class NodePackage {
  readonly #name: string;
  readonly #modules: string | undefined;
  readonly #peers = new Set<LineProcess>();

  /**
   * Installs the package if necessary.
   *
   * @param name The package with its version.
   */
  constructor(name: string) {
    this.#name = name;
    this.#modules = npmPackage(name)?.replace(/\/node_modules\/.*/, "/node_modules");
  }

  /** Returns the name and the options of a test that is skipped if the package cannot be installed. */
  unless(name: string): [name: string, options: TestOptions] {
    const missing = this.#modules === undefined ? `${this.#name} cannot be installed` : undefined;
    return unless(missing, name, within(60_000));
  }

  /**
   * Starts a peer.
   *
   * @param body CommonJS that calls `say` with values of JSON.
   */
  start(body: string): LineProcess {
    const peer = new LineProcess(["node", "-e", PRELUDE + body], { NODE_PATH: this.#modules! });
    this.#peers.add(peer);
    return peer;
  }

  /** Ends all peers. */
  end(): void {
    for (const peer of this.#peers) peer.kill();
  }
}
