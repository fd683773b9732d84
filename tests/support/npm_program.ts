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
  const modules = npmModules(name, `.bin/${program}`);
  return modules === undefined ? undefined : `${modules}/.bin/${program}`;
}

/**
 * Returns the folder of the modules of an npm package, which is installed as by {@link npmProgram}.
 *
 * @param name The package with its version.
 * @param path A path in the folder that exists if the package is installed; default: that of the package.
 */
export function npmModules(
  name: string,
  path: string = name.slice(0, name.lastIndexOf("@")),
): string | undefined {
  const prefix = `${folder}${name.replaceAll(/[^a-z0-9.-]/g, "_")}`;
  const modules = `${prefix}/node_modules`;
  if (existsSync(`${modules}/${path}`)) return modules;
  mkdirSync(prefix, { recursive: true });
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", prefix, name];
  const { status, stderr, error } = spawnSync("npm", args, {
    encoding: "utf8",
    ...within(300_000),
  });
  if (status === 0 && existsSync(`${modules}/${path}`)) return modules;
  console.error(`Cannot install ${name}: ${error ?? stderr}`);
  return undefined;
}
