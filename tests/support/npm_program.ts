import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { within } from "./limits.ts";

const folder = decodeURIComponent(new URL("../../.tmp/live/", import.meta.url).pathname);

/**
 * Returns the path of a program of an npm package, which is installed into `.tmp/live/` when it is first needed.
 *
 * @param name The package with its version, as in `"some-server@1.2.3"`.
 * @returns The program; `undefined` if it cannot be installed, for example without a network.
 */
export function npmProgram(name: string, program: string): string | undefined {
  return installed(name, `.bin/${program}`);
}

/**
 * Returns the path of an npm package, which is installed as programs are.
 *
 * @param name The package with its version, as in `"@scope/client@1.2.3"`.
 * @returns Its folder; `undefined` if it cannot be installed.
 */
export function npmPackage(name: string): string | undefined {
  return installed(name, name.slice(0, name.lastIndexOf("@")));
}

/** Installs a package, and returns the path of a file or folder in its `node_modules`. */
function installed(name: string, file: string): string | undefined {
  const prefix = `${folder}${name.replaceAll(/[^a-z0-9.-]/g, "_")}`;
  const path = `${prefix}/node_modules/${file}`;
  if (existsSync(path)) return path;
  mkdirSync(prefix, { recursive: true });
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", prefix, name];
  const { status, stderr, error } = spawnSync("npm", args, {
    encoding: "utf8",
    ...within(300_000),
  });
  if (status === 0 && existsSync(path)) return path;
  console.error(`Cannot install ${name}: ${error ?? stderr}`);
  return undefined;
}
