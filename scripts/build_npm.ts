/**
 * Builds the npm package into `npm/`.
 *
 *     deno task build:npm                   with dnt if JSR is reachable, otherwise with tsc
 *     deno task build:npm --builder=dnt     with dnt or not at all, as for a release
 *     deno task build:npm --builder=tsc     with tsc, without a network
 *
 * Both builders write one JavaScript file for each module to `npm/esm/`, for bundlers, which include
 * only the modules that are used. Everything else is the same for both: the sources, declarations that
 * point to them, package.json, and `npm/bundle/`, which has the same code in few files for the runtimes:
 * Node loads it in a quarter of the time. `scripts/test_npm.ts` tests the package.
 *
 * @module
 */

import { emit } from "./npm/emit.ts";
import { finish } from "./npm/finish.ts";
import { inspect } from "./npm/inspect.ts";
import { browser, entries, jsrName, manifest, repository } from "./npm/manifest.ts";
import { packageReadme } from "./npm/readme.ts";

const root = decodeURIComponent(new URL("../", import.meta.url).pathname);
const out = `${root}npm`;

/** The part of dnt that is used. */
interface Dnt {
  build(options: unknown): Promise<void>;
}

async function importDnt(): Promise<Dnt | undefined> {
  try {
    return await import("@deno/dnt");
  } catch (error) {
    console.log(`dnt is not available: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

async function buildWithDnt(dnt: Dnt): Promise<void> {
  await dnt.build({
    entryPoints: [...entries, { name: "./none", path: `./${browser.by}.ts` }]
      .map(({ name, path }) => ({ name, path })),
    outDir: out,
    shims: {},
    scriptModule: false,
    declaration: false,
    test: false,
    typeCheck: false,
    skipNpmInstall: true,
    skipSourceOutput: true,
    compilerOptions: { target: "ES2022", lib: ["ESNext", "DOM", "DOM.Iterable"] },
    package: manifest,
  });
}

async function copySources(folder: string): Promise<void> {
  await Deno.mkdir(`${out}/${folder}`, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await copySources(path);
    else if (name.endsWith(".ts")) await Deno.copyFile(`${root}${path}`, `${out}/${path}`);
  }
}

/** Bundles all modules into few files, which share their common code. */
async function bundle(): Promise<void> {
  const options = ["-q", "--platform=browser", "--code-splitting", `--outdir=${out}/bundle`];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, ...entries.map(({ path }) => path)],
    cwd: root,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

const builder = Deno.args.find((arg) => arg.startsWith("--builder="))?.slice(10) ?? "auto";
if (!["auto", "dnt", "tsc"].includes(builder)) throw new Error(`Unknown builder ${builder}`);

await Deno.remove(out, { recursive: true }).catch(() => {});
await Deno.mkdir(out, { recursive: true });
const dnt = builder === "tsc" ? undefined : await importDnt();
if (dnt !== undefined) await buildWithDnt(dnt);
else if (builder === "dnt") Deno.exit(1);
await copySources("src");
const texts = ["LICENSE", "CHANGELOG.md"];
for (const path of [...entries.map(({ path }) => path), ...texts]) {
  await Deno.copyFile(`${root}${path}`, `${out}/${path}`);
}
emit(out, dnt === undefined ? "modules and declarations" : "declarations");
await bundle();
const readme = packageReadme(await Deno.readTextFile(`${root}README.md`), {
  from: jsrName,
  to: manifest.name,
  repository,
  version: manifest.version,
  files: texts,
});
await Deno.writeTextFile(`${out}/README.md`, readme);
await finish(out, manifest);
const problems = await inspect(out);
for (const problem of problems) console.error(problem);
if (problems.length > 0) Deno.exit(1);
const built = `${manifest.name}@${manifest.version} in npm/`;
console.log(`Built ${built} with ${dnt === undefined ? "tsc" : "dnt"}`);
