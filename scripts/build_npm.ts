/**
 * Builds the npm package into `npm/`.
 *
 *     deno task build:npm                   dnt where JSR answers, else tsc
 *     deno task build:npm --builder=dnt     dnt, or fail: a release is built so
 *     deno task build:npm --builder=tsc     tsc, with no network
 *
 * Either builder writes one JavaScript file for each module to `npm/esm/`, for bundlers, which take
 * only the modules that they need. All the rest is the same for both: the sources, declarations that
 * lead to them, package.json, and `npm/bundle/`, the same code in few files, for the runtimes: Node
 * loads them in a quarter of the time. `scripts/test_npm.ts` tests the package.
 *
 * @module
 */

import { emit } from "./npm/emit.ts";
import { finish } from "./npm/finish.ts";
import { inspect } from "./npm/inspect.ts";
import { entries, jsrName, manifest, repository } from "./npm/manifest.ts";
import { packageReadme } from "./npm/readme.ts";

const root = decodeURIComponent(new URL("../", import.meta.url).pathname);
const out = `${root}npm`;

/** The member of dnt that is used. */
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
    entryPoints: entries.map(({ name, path }) => ({ name, path })),
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

/** Few files of all modules: code that only one runtime needs is in a file of its own, loaded on demand. */
async function bundle(): Promise<void> {
  const options = ["-q", "--platform=browser", "--code-splitting", `--outdir=${out}/bundle`];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, ...entries.map(({ path }) => path)],
    cwd: root,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

const wanted = Deno.args.find((arg) => arg.startsWith("--builder="))?.slice(10) ?? "auto";
if (!["auto", "dnt", "tsc"].includes(wanted)) throw new Error(`Unknown builder ${wanted}`);

await Deno.remove(out, { recursive: true }).catch(() => {});
await Deno.mkdir(out, { recursive: true });
const dnt = wanted === "tsc" ? undefined : await importDnt();
if (dnt !== undefined) await buildWithDnt(dnt);
else if (wanted === "dnt") Deno.exit(1);
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
const builder = dnt === undefined ? "tsc" : "dnt";
console.log(`${manifest.name}@${manifest.version} built into npm/ by ${builder}`);
