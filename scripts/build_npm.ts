/**
 * Builds the npm package into `npm/`.
 *
 *     deno task build:npm                   dnt where JSR answers, else tsc
 *     deno task build:npm --builder=dnt     dnt, or fail: what a release runs
 *     deno task build:npm --builder=tsc     tsc, with no network
 *
 * Both builders get the same entry points and the same package.json, and put one file of JavaScript
 * and one of declarations for each module under `npm/esm/`, for bundlers, which take what they need.
 * `npm/bundle/` has the same in few files, for the runtimes: Node loads them in a quarter of the time.
 * `scripts/test_npm.ts` tries what was built.
 *
 * @module
 */

import ts from "typescript";
import config from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);
const out = new URL("npm/", root);

/** Each entry point: the sub-path it is imported by, its source, and what is built of it. */
const entries = Object.entries(config.exports)
  .map(([name, path]) => ({ name, path, module: path.replace(/^\.\/(.*)\.ts$/, "$1") }));

/** What package.json says, less what a builder adds. */
const manifest = {
  name: "framewright",
  version: config.version,
  description: config.description,
  license: config.license,
  keywords: [
    "framing",
    "tcp",
    "socket",
    "streams",
    "length-prefixed",
    "delimiter",
    "netstring",
    "deno",
    "bun",
  ],
  homepage: "https://github.com/framewright/framewright#readme",
  repository: { type: "git", url: "git+https://github.com/framewright/framewright.git" },
  bugs: { url: "https://github.com/framewright/framewright/issues" },
  type: "module",
  sideEffects: false,
  // process.getBuiltinModule came with 20.16.
  engines: { node: ">=20.16" },
  files: ["bundle", "esm", "README.md", "LICENSE", "CHANGELOG.md"],
  exports: Object.fromEntries(
    entries.map(({ name, module }) => {
      const bundle = `./bundle/${module}.js`;
      const esm = `./esm/${module}`;
      const runtimes = { deno: bundle, bun: bundle, node: bundle };
      return [name, { types: `${esm}.d.ts`, ...runtimes, default: `${esm}.js` }];
    }),
  ),
};

async function importDnt(): Promise<{ build(options: unknown): Promise<void> } | undefined> {
  try {
    return await import("@deno/dnt");
  } catch (error) {
    console.log(`dnt cannot be had here: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

async function buildWithDnt(dnt: { build(options: unknown): Promise<void> }): Promise<void> {
  await dnt.build({
    entryPoints: entries.map(({ name, path }) => ({ name, path })),
    outDir: "./npm",
    shims: {},
    scriptModule: false,
    declaration: "inline",
    test: false,
    typeCheck: false,
    skipNpmInstall: true,
    skipSourceOutput: true,
    compilerOptions: { target: "ES2022", lib: ["ESNext", "DOM", "DOM.Iterable"] },
    package: manifest,
  });
  await Deno.remove(new URL("package-lock.json", out)).catch(() => {});
}

async function buildWithTsc(): Promise<void> {
  const rootDir = decodeURIComponent(root.pathname).replace(/\/$/, "");
  const program = ts.createProgram({
    rootNames: entries.map(({ path }) => `${rootDir}/${path}`),
    options: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      types: [],
      strict: true,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir,
      outDir: `${rootDir}/npm/esm`,
    },
  });
  const { diagnostics } = program.emit(undefined, undefined, undefined, false, {
    afterDeclarations: [rewriteExtensions],
  });
  const errors = [...program.getSyntacticDiagnostics(), ...diagnostics];
  if (errors.length > 0) {
    throw new Error(
      errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join(),
    );
  }
  await Deno.writeTextFile(new URL("package.json", out), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Few files of all modules: what only one runtime needs is in one of its own, loaded when it is needed. */
async function bundle(): Promise<void> {
  const folder = decodeURIComponent(new URL("bundle", out).pathname);
  const options = ["-q", "--platform=browser", "--code-splitting", `--outdir=${folder}`];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, ...entries.map(({ path }) => path)],
    cwd: root,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

/** tsc rewrites "./x.ts" to "./x.js" in the JavaScript, but not in the declarations. */
function rewriteExtensions(context: ts.TransformationContext): ts.CustomTransformer {
  function visit(node: ts.Node): ts.Node {
    const { parent } = node;
    const specifier = ts.isStringLiteral(node) && parent !== undefined &&
      (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) ||
        (ts.isLiteralTypeNode(parent) && ts.isImportTypeNode(parent.parent)));
    return specifier && /^\.{1,2}\/.*\.ts$/.test(node.text)
      ? context.factory.createStringLiteral(node.text.replace(/\.ts$/, ".js"))
      : ts.visitEachChild(node, visit, context);
  }
  return {
    transformSourceFile: (file) => visit(file) as ts.SourceFile,
    transformBundle: (bundle) => bundle,
  };
}

const wanted = Deno.args.find((arg) => arg.startsWith("--builder="))?.slice(10) ?? "auto";
if (!["auto", "dnt", "tsc"].includes(wanted)) throw new Error(`There is no builder ${wanted}`);

await Deno.remove(out, { recursive: true }).catch(() => {});
await Deno.mkdir(out, { recursive: true });
const dnt = wanted === "tsc" ? undefined : await importDnt();
if (dnt !== undefined) await buildWithDnt(dnt);
else if (wanted === "dnt") Deno.exit(1);
else await buildWithTsc();
await bundle();
for (const name of ["LICENSE", "CHANGELOG.md"]) {
  await Deno.copyFile(new URL(name, root), new URL(name, out));
}
const readme = await Deno.readTextFile(new URL("README.md", root));
await Deno.writeTextFile(
  new URL("README.md", out),
  readme.replaceAll(`"${config.name}`, `"${manifest.name}`),
);
console.log(
  `${manifest.name}@${config.version} built into npm/ by ${dnt === undefined ? "tsc" : "dnt"}`,
);
