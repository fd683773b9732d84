/**
 * The participants of the demo: `peer.ts` on each of the three runtimes, and Python.
 *
 * @module
 */

import { command } from "../../scripts/runtimes.ts";
import { framings } from "./framings.ts";

/** A program that can be server and client. */
export interface Participant {
  readonly name: string;
  /** The program and its first arguments. */
  readonly program: readonly [path: string, ...args: string[]];
  /** Names of the framings that it supports. */
  readonly supports: readonly string[];
  /** Whether it does not use the library. */
  readonly foreign: boolean;
}

const peer = `${import.meta.dirname}/peer.ts`;
const foreign = `${import.meta.dirname}/foreign.py`;
const decoder = new TextDecoder();

/** Prints the path of a runtime and its version. */
const PRINT_RUNTIME = 'process.stdout.write(process.execPath + "\\n" + process.versions[NAME])';

/**
 * Returns Deno, and Bun and Node from npm.
 *
 * @throws {Error} One of them is not available.
 */
export function findRuntimes(): Promise<Participant[]> {
  return Promise.all([
    participant(`Deno ${Deno.version.deno}`, Deno.execPath(), "run", "-A"),
    findRuntime("Bun", "bun@1.4.5"),
    findRuntime("Node", "node@24"),
  ]);
}

/** Returns Python, or `undefined` if it is not installed. */
export async function findPython(): Promise<Participant | undefined> {
  for (const path of ["python3", "python"]) {
    const version = await versionOf(path);
    if (!version.startsWith("Python 3.")) continue;
    const supports = ["fixed(5)", "lengthPrefixed(decimal(5))", "lines()"];
    return { name: version, program: [path, foreign], supports, foreign: true };
  }
  return undefined;
}

/** Returns what `--version` prints; an empty string if the program is not installed. */
async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(path, { args: ["--version"] }).output();
    return decoder.decode(stdout).trim();
  } catch {
    return "";
  }
}

async function findRuntime(name: string, runtime: string): Promise<Participant> {
  const script = PRINT_RUNTIME.replace("NAME", JSON.stringify(name.toLowerCase()));
  const { success, stdout, stderr } = await command(runtime, ["-e", script]).output();
  const [path, version] = decoder.decode(stdout).split("\n");
  if (success && path !== undefined) return participant(`${name} ${version}`, path);
  const text = decoder.decode(stderr).trim();
  throw new Error(`Cannot get ${runtime} from npm: ${/error: .*/.exec(text)?.[0] ?? text}`);
}

function participant(name: string, path: string, ...args: string[]): Participant {
  const supports = framings.map((framing) => framing.name);
  return { name, program: [path, ...args, peer], supports, foreign: false };
}
