/**
 * Runs the tests that need no module of Node in workerd or Chromium, and in workerd also those of Workers
 * sockets, against a server in Python:
 *
 *     deno task test:workerd
 *     deno task test:chromium
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { authority, good } from "../support/certificates.ts";
import { LineProcess } from "../support/line_process.ts";
import { python } from "../support/python.ts";
import { measureSlowness, SLOWNESS } from "../support/slowness.ts";
import type { Results } from "./harness.ts";

const workerd = "npm:workerd@1.20260730.1";
const here = import.meta.dirname!;
const tests = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/\/$/, "");
const temporary = `${here}/../../.tmp/web`;

const slowness = measureSlowness();

/** Modules that the import map replaces. */
const replaced = new Set(["node:test", "node:assert/strict"]);

/** Folders whose tests need more than the web platform, or that contain no tests. */
const excluded = ["live", "runtimes", "scripts", "support", "web"];

async function* testFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (excluded.includes(name)) continue;
    const path = `${folder}/${name}`;
    if (isDirectory) yield* testFiles(path);
    if (!name.endsWith("_test.ts")) continue;
    const module = await nodeModuleOf(new URL(`file://${path}`));
    if (module === undefined) yield path;
    else console.log(`skipped tests${path.slice(tests.length)}: it imports ${module}`);
  }
}

/** Returns the first Node module that a test file imports, directly or through other files of the tests. */
async function nodeModuleOf(
  file: URL,
  seen: Set<string> = new Set(),
): Promise<string | undefined> {
  if (seen.has(file.href) || !file.pathname.startsWith(new URL(`file://${tests}/`).pathname)) {
    return;
  }
  seen.add(file.href);
  const text = await Deno.readTextFile(file);
  for (
    const [, specifier] of text.matchAll(/^(?:import|export) (?!type)[^;]*? from "([^"]+)";/gm)
  ) {
    if (specifier!.startsWith("node:") && !replaced.has(specifier!)) return specifier;
    if (!specifier!.startsWith(".")) continue;
    const found = await nodeModuleOf(new URL(specifier!, file), seen);
    if (found !== undefined) return found;
  }
}

/** Bundles all tests into one module, without modules of Node. */
async function bundle(where: string | undefined): Promise<string> {
  const files = await Array.fromAsync(testFiles(tests));
  if (where === "workerd") files.push(`${here}/sockets/connection.ts`);
  await Deno.mkdir(temporary, { recursive: true });
  await Deno.writeTextFile(
    `${temporary}/slowness.ts`,
    `Object.assign(globalThis, { ${SLOWNESS}: ${slowness} });`,
  );
  await Deno.writeTextFile(
    `${temporary}/all.ts`,
    [
      'import "./slowness.ts";',
      ...files.sort().map((file) => `import "${file}";`),
      `export { run } from "${here}/harness.ts";`,
    ]
      .join("\n"),
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--external=@std/bytes",
      "--external=cloudflare:*",
      `--import-map=${here}/import_map.json`,
      `${temporary}/all.ts`,
    ],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function inWorkerd(code: string): Promise<Results> {
  const server = new LineProcess([
    python,
    `${here}/sockets/server.py`,
    good.certFile,
    good.keyFile,
  ]);
  try {
    return await runWorkerd(code, await server.next());
  } finally {
    server.kill();
  }
}

async function runWorkerd(code: string, ports: unknown): Promise<Results> {
  await Deno.writeTextFile(`${temporary}/tests.js`, code);
  await Deno.writeTextFile(
    `${temporary}/main.js`,
    `import { run } from "tests";
     export default { async test() { console.log("RESULT" + JSON.stringify(await run())); } };`,
  );
  await Deno.writeTextFile(
    `${temporary}/config.capnp`,
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (services = [
       (name = "main", worker = (
         modules = [
           (name = "main", esModule = embed "main.js"),
           (name = "tests", esModule = embed "tests.js"),
         ],
         bindings = [(name = "PORTS", json = ${JSON.stringify(JSON.stringify(ports))})],
         compatibilityDate = "2026-07-01",
       )),
       (name = "internet", network = (
         allow = ["public", "private", "local"],
         tlsOptions = (trustedCertificates = [${JSON.stringify(authority.cert)}]),
       )),
     ]);`,
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["x", "-y", workerd, "test", `${temporary}/config.capnp`],
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const line = text.split("\n").find((line) => line.includes("RESULT{"));
  if (line === undefined) throw new Error(text);
  return JSON.parse(line.slice(line.indexOf("{"), line.lastIndexOf("}") + 1));
}

async function inChromium(code: string): Promise<Results> {
  const results = Promise.withResolvers<Results>();
  const page = `<!doctype html><script type="module">
    import { run } from "/tests.js";
    await fetch("/results", { method: "POST", body: JSON.stringify(await run()) });
  </script>`;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/results") results.resolve(await request.json());
      return pathname === "/tests.js"
        ? new Response(code, { headers: { "content-type": "text/javascript" } })
        : new Response(page, { headers: { "content-type": "text/html" } });
    },
  );
  const profile = await Deno.makeTempDir();
  // A process group, since the program of Debian is a script that starts the browser.
  const browser = spawn(findChromium(), [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
    `http://127.0.0.1:${server.addr.port}/`,
  ], { stdio: "ignore", detached: true });
  const exited = once(browser, "exit");
  const limit = Math.round(120 * slowness);
  const late = () => results.reject(new Error(`No results within ${limit} s`));
  const timer = setTimeout(late, 1000 * limit);
  try {
    return await results.promise;
  } finally {
    clearTimeout(timer);
    process.kill(-browser.pid!, "SIGKILL");
    await exited;
    await server.shutdown();
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}

function findChromium(): string {
  const given = Deno.env.get("CHROMIUM");
  if (given !== undefined) return given;
  for (const name of ["chromium-headless-shell", "chromium", "google-chrome"]) {
    for (const folder of Deno.env.get("PATH")!.split(":")) {
      try {
        if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error("Cannot find Chromium: install it, or set CHROMIUM to its path");
}

const [where] = Deno.args;
const code = await bundle(where);
const { lines, passed, failed, skipped } = await (where === "workerd" ? inWorkerd : inChromium)(
  code,
);
for (const line of lines) console.log(line);
console.log(`${where}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || passed === 0) Deno.exit(1);
