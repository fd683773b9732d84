/**
 * Installs the package that is in `npm/` the way its users do, and puts the tests to what was
 * installed: every test that imports only what the package exports is type-checked against its
 * declarations, compiled, and run, sockets and all.
 *
 *     deno task build:npm && deno task test:npm
 *
 * @module
 */

import { brotliCompressSync } from "node:zlib";
import config from "../deno.json" with { type: "json" };
import { command } from "./runtimes.ts";

const name = "framewright";
const root = decodeURIComponent(new URL("../", import.meta.url).pathname);
const home = `${root}.tmp/consumer`;
const nodes = [20, 22, 24, 26];

let passed = 0;
let failed = 0;

async function check(what: string, body: () => Promise<string | void>): Promise<void> {
  const start = performance.now();
  try {
    const note = await body();
    passed++;
    const time = Math.round(performance.now() - start);
    console.log(`ok ${what} (${time} ms)${note ? ` ${note}` : ""}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${what}\n${(error as Error).message.replace(/^/gm, "  ")}`);
  }
}

async function output(command: Deno.Command): Promise<string> {
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(text.trim());
  return text;
}

function run(program: string, ...args: string[]): Promise<string> {
  return output(new Deno.Command(program, { args, cwd: home }));
}

function on(runtime: string, ...args: string[]): Promise<string> {
  return output(command(runtime, args, { cwd: home }));
}

/** Tools of JavaScript must not meet the project's deno.json on their way up. */
function tool(...args: string[]): Promise<string> {
  return output(new Deno.Command(Deno.execPath(), { args: ["x", "-y", ...args], cwd: home }));
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(`${home}/${path}`, JSON.stringify(value, null, 2));
}

// The consumer: a project that has installed the tarball.
await Deno.remove(home, { recursive: true }).catch(() => {});
await Deno.mkdir(home, { recursive: true });
const tarball = `${home}/package.tgz`;
const packed = JSON.parse(await run("npm", "pack", `${root}npm`, "--json", "--silent"));
await Deno.rename(`${home}/${packed[0].filename}`, tarball);
await writeJson("package.json", {
  name: "consumer",
  private: true,
  type: "module",
  dependencies: { [name]: "file:package.tgz" },
  devDependencies: {
    "@types/node": "22",
    "esbuild": "0.28.2",
    "fast-check": config.imports["fast-check"].replace(/.*@/, ""),
    "typescript-5.9": "npm:typescript@5.9",
    "typescript-6.0": "npm:typescript@6.0",
    "typescript-7.0": "npm:typescript@7.0",
  },
});
await run("npm", "install", "--silent", "--ignore-scripts");

// The tests, importing the package in the place of its sources.
const published = new Map(
  Object.entries(config.exports).map(([entry, path]) => [path.slice(2), name + entry.slice(1)]),
);

async function* testFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    if (isDirectory) yield* testFiles(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`;
  }
}

let internal = 0;
const suite: string[] = [];
for await (const file of testFiles("tests/")) {
  if (file.startsWith("tests/web/") || file.startsWith("tests/scripts/")) continue;
  const base = new URL(file, "file:///");
  let own = false;
  const text = (await Deno.readTextFile(root + file)).replaceAll(
    /(from "|import\(")(\.\.?\/[^"]+)(")/g,
    (_, before: string, specifier: string, after: string) => {
      const target = new URL(specifier, base).pathname.slice(1);
      own ||= target.startsWith("src/") || target.startsWith("scripts/");
      return before + (published.get(target) ?? specifier.replace(/\.ts$/, ".js")) + after;
    },
  );
  if (own) {
    internal++;
    continue;
  }
  await Deno.mkdir(`${home}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
  await Deno.writeTextFile(`${home}/${file}`, text);
  if (file.endsWith("_test.ts")) {
    suite.push(file.replace("tests/", "./dist/").replace(/\.ts$/, ".js"));
  }
}
console.log(
  `${suite.length} test files import only what the package exports, ${internal} files more`,
);

const compilers = { nodenext: ["5.9", "7.0"], bundler: ["6.0", "7.0"] };
for (const [moduleResolution, versions] of Object.entries(compilers)) {
  await writeJson(`tsconfig.${moduleResolution}.json`, {
    compilerOptions: {
      target: "es2022",
      lib: ["esnext", "dom", "dom.iterable"],
      module: moduleResolution === "nodenext" ? "nodenext" : "esnext",
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      types: ["node"],
      rootDir: "tests",
      outDir: "dist",
    },
    include: ["tests"],
  });
  for (const version of versions) {
    await check(`TypeScript ${version}, moduleResolution ${moduleResolution}`, async () => {
      const compiler = `node_modules/typescript-${version}/bin/tsc`;
      await run("node", compiler, "-p", `tsconfig.${moduleResolution}.json`);
    });
  }
}
await Deno.writeTextFile(`${home}/entry.ts`, `export * from "${name}";\n`);
await check("declarations for Node alone, without the browser's", async () => {
  await writeJson("tsconfig.node.json", {
    compilerOptions: {
      target: "es2022",
      lib: ["esnext"],
      module: "nodenext",
      strict: true,
      types: ["node"],
      noEmit: true,
    },
    files: ["entry.ts"],
  });
  await run("node", "node_modules/typescript-5.9/bin/tsc", "-p", "tsconfig.node.json");
});

function count(text: string): string {
  const count = /^(?:ℹ|#) pass (\d+)/m.exec(text) ?? /^ *(\d+) pass/m.exec(text);
  if (count === null || count[1] === "0") throw new Error(`No test has run:\n${text}`);
  return `${count[1]} tests`;
}
// Node 20 is met only here; the others have had all faults by `deno task test`.
const usual = suite.filter((file) =>
  !file.includes("/runtimes/") || /(?:send|receiv|serv)ing_/.test(file)
);
for (const major of nodes) {
  const files = major === 20 ? suite : usual;
  await check(
    `tests on Node ${major}`,
    async () => count(await on(`node@${major}`, "--test", "--test-concurrency=2", ...files)),
  );
}
await check("tests on Bun", async () => {
  return count(await on("bun@1.4.5", "test", "--timeout", "30000", ...usual));
});
await check("tests on Deno", async () => {
  const args = ["test", "-A", "--no-check", ...usual];
  const text = await output(new Deno.Command(Deno.execPath(), { args, cwd: home }));
  return /(\d+ passed).*/.exec(text)?.[1];
});
for (const major of nodes) {
  await check(`require() on Node ${major}`, async () => {
    const script = [...published.values()].map((entry) => `require("${entry}")`).join(";");
    await on(`node@${major}`, "-e", script);
  });
}

async function bundle(...args: string[]): Promise<string> {
  return await run(
    "node_modules/.bin/esbuild",
    "--bundle",
    "--format=esm",
    "--platform=browser",
    "--minify",
    "--log-limit=0",
    ...args,
  );
}
await check("a bundle of everything for browsers", async () => {
  const text = await bundle("entry.ts", "--outfile=everything.js");
  if (/warning|error/i.test(text)) throw new Error(text);
  if (/import[^;]*["']node:/.test(await Deno.readTextFile(`${home}/everything.js`))) {
    throw new Error("the bundle imports a module of Node's");
  }
});
await check("a bundle of one framer and the decoder under 4 KiB", async () => {
  const code = `export { FrameDecoder, lengthPrefixed, uint32 } from "${name}";\n`;
  await Deno.writeTextFile(`${home}/small.ts`, code);
  await bundle("small.ts", "--outfile=small.js");
  const { length } = brotliCompressSync(await Deno.readFile(`${home}/small.js`));
  if (length > 4096) throw new Error(`${length} bytes is over the limit of 4096`);
  return `${length} bytes`;
});
await check("publint", async () => {
  await tool("npm:publint@0.3.25", "run", tarball, "--strict");
});
await check("are the types wrong?", async () => {
  const attw = ["-p", "npm:@arethetypeswrong/cli@0.18.5", "attw"];
  await tool(...attw, tarball, "--profile", "esm-only");
});

console.log(`npm: ${passed} passed, ${failed} failed`);
if (failed > 0) Deno.exit(1);
