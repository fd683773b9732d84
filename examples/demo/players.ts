/**
 * Who takes part in the demo: `peer.ts` on each of the three runtimes, and Python.
 *
 * @module
 */

import { command } from "../../scripts/runtimes.ts";
import { framings } from "./framings.ts";

/** Somebody who can be server and client. */
export interface Player {
  readonly name: string;
  /** The program and its first arguments. */
  readonly program: readonly [path: string, ...args: string[]];
  /** The framings it knows. */
  readonly speaks: readonly string[];
  /** Whether it knows nothing of the library. */
  readonly foreign: boolean;
}

const peer = `${import.meta.dirname}/peer.ts`;
const foreign = `${import.meta.dirname}/foreign.py`;
const decoder = new TextDecoder();

/** Where a runtime is, and which version of it that is. */
const SELF = 'process.stdout.write(process.execPath + "\\n" + process.versions[NAME])';

/**
 * Deno, and Bun and Node as npm delivers them.
 *
 * @throws {Error} One of them cannot be had: the text says which, and why.
 */
export function findRuntimes(): Promise<Player[]> {
  return Promise.all([
    player(`Deno ${Deno.version.deno}`, Deno.execPath(), "run", "-A"),
    findRuntime("Bun", "bun@1.4.5"),
    findRuntime("Node", "node@24"),
  ]);
}

/** Python; `undefined` where there is none. */
export async function findPython(): Promise<Player | undefined> {
  for (const path of ["python3", "python"]) {
    const version = await versionOf(path);
    if (!version.startsWith("Python 3.")) continue;
    const speaks = ["fixed(5)", "lengthPrefixed(decimal(5))", "lines()"];
    return { name: version, program: [path, foreign], speaks, foreign: true };
  }
  return undefined;
}

/** What a program calls itself; nothing where there is none. */
async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(path, { args: ["--version"] }).output();
    return decoder.decode(stdout).trim();
  } catch {
    return "";
  }
}

async function findRuntime(name: string, runtime: string): Promise<Player> {
  const script = SELF.replace("NAME", JSON.stringify(name.toLowerCase()));
  const { success, stdout, stderr } = await command(runtime, ["-e", script]).output();
  const [path, version] = decoder.decode(stdout).split("\n");
  if (success && path !== undefined) return player(`${name} ${version}`, path);
  const words = decoder.decode(stderr).trim();
  throw new Error(`Cannot get ${runtime} from npm: ${/error: .*/.exec(words)?.[0] ?? words}`);
}

function player(name: string, path: string, ...args: string[]): Player {
  const speaks = framings.map((framing) => framing.name);
  return { name, program: [path, ...args, peer], speaks, foreign: false };
}
