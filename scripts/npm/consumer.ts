/**
 * The consumer: a project that has installed the packed package, as users do.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { command } from "../runtimes.ts";
import { entries, manifest } from "./manifest.ts";

/** Root of the repository, with a slash at the end. */
export const root: string = decodeURIComponent(new URL("../../", import.meta.url).pathname);
/** Folder of the consumer. */
export const home: string = `${root}.tmp/consumer`;
/** Path of the packed package. */
export const tarball: string = `${home}/package.tgz`;

/** Versions of TypeScript that must compile the declarations. */
export const compilers: readonly string[] = ["5.5", "5.6", "5.9", "6.0", "7.0"];

const tools: Readonly<Record<string, string>> = {
  "@rollup/plugin-node-resolve": "16.0.3",
  "@rspack/core": "2.3.3",
  "@types/node": "22",
  "esbuild": "0.28.2",
  "fast-check": config.imports["fast-check"].replace(/.*@/, ""),
  "rolldown": "1.3.3",
  "rollup": "4.68.8",
  "vite": "8.4.0",
  "webpack": "5.113.0",
};

async function output(command: Deno.Command): Promise<string> {
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(text.trim());
  return text;
}

/** Runs a program in the consumer's folder, and returns its output. */
export function run(program: string, ...args: string[]): Promise<string> {
  return output(new Deno.Command(program, { args, cwd: home }));
}

/** Runs a file or a script on a runtime, such as `node@22`. */
export function on(runtime: string, ...args: string[]): Promise<string> {
  return output(command(runtime, args, { cwd: home }));
}

/** Runs a JavaScript tool from npm, in the consumer's folder: `deno x` fails below a deno.json. */
export function tool(...args: string[]): Promise<string> {
  return run(Deno.execPath(), "x", "-y", ...args);
}

/** Writes a JSON file into the consumer's folder. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(`${home}/${path}`, JSON.stringify(value, null, 2));
}

/** Packs the package, and installs it in a new consumer with the tools of all checks. */
export async function install(): Promise<void> {
  await Deno.remove(home, { recursive: true }).catch(() => {});
  await Deno.mkdir(home, { recursive: true });
  const packed = JSON.parse(await run("npm", "pack", `${root}npm`, "--json", "--silent"));
  await Deno.rename(`${home}/${packed[0].filename}`, tarball);
  const versions = compilers.map((
    version,
  ) => [`typescript-${version}`, `npm:typescript@${version}`]);
  await writeJson("package.json", {
    name: "consumer",
    private: true,
    type: "module",
    dependencies: { [manifest.name]: "file:package.tgz" },
    devDependencies: { ...tools, ...Object.fromEntries(versions) },
  });
  await run("npm", "install", "--silent", "--ignore-scripts");
}

/** Specifiers that import the package's entry points, by their sources. */
export const published: ReadonlyMap<string, string> = new Map(
  entries.map(({ name, path }) => [path.slice(2), manifest.name + name.slice(1)]),
);

/**
 * Copies a source file into the consumer's folder, with imports of the package instead of its sources.
 *
 * @param extension Extension of the remaining relative imports.
 * @returns Whether the file was copied: `false` if it imports other sources than the entry points.
 */
export async function copySource(file: string, extension: ".ts" | ".js"): Promise<boolean> {
  const base = new URL(file, "file:///");
  let internal = false;
  const text = (await Deno.readTextFile(root + file)).replaceAll(
    /(from "|import\(")(\.\.?\/[^"]+)(")/g,
    (_, before: string, specifier: string, after: string) => {
      const target = new URL(specifier, base).pathname.slice(1);
      internal ||= target.startsWith("src/") || target.startsWith("scripts/");
      return before + (published.get(target) ?? specifier.replace(/\.ts$/, extension)) + after;
    },
  );
  if (internal) return false;
  await Deno.mkdir(`${home}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
  await Deno.writeTextFile(`${home}/${file}`, text);
  return true;
}
