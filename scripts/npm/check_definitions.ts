/**
 * Checks where a language server finds the definitions of the package's exports.
 *
 * @module
 */

import { home, writeJson } from "./consumer.ts";
import { manifest } from "./manifest.ts";
import type { Check } from "./report.ts";

/** Expected source file and text of the definitions, by export. */
const definitions: Readonly<Record<string, [file: string, text: string]>> = {
  FrameDecoder: ["src/frame_decoder.ts", "class FrameDecoder"],
  lines: ["src/framers/lines.ts", "function lines"],
  Connection: ["src/connections/connection.ts", "class Connection"],
  readFrames: ["src/streams/read_frames.ts", "function readFrames"],
};

/** Returns one check for each of these exports: "go to definition" must lead to its TypeScript source. */
export async function definitionChecks(): Promise<Check[]> {
  const names = Object.keys(definitions);
  const file = `${home}/definitions/main.ts`;
  const text = `import { ${names.join(", ")} } from "${manifest.name}";\n`;
  await Deno.mkdir(`${home}/definitions`, { recursive: true });
  await writeJson("definitions/tsconfig.json", {
    compilerOptions: { module: "nodenext", lib: ["es2022", "dom"], types: [] },
  });
  await Deno.writeTextFile(file, `${text}console.log(${names.join(", ")});\n`);
  const requests = names.map((name) => ({
    command: "definition",
    arguments: { file, line: 1, offset: text.indexOf(name) + 1 },
  }));
  const responses = requestAll([{ command: "open", arguments: { file } }, ...requests]);
  return names.map((name, index): Check => [name, async () => {
    const [expected, start] = definitions[name]!;
    const [found] = (await responses)[index + 1] as {
      file: string;
      start: { line: number };
    }[];
    const path = found?.file.split(`/node_modules/${manifest.name}/`)[1];
    if (path !== expected) throw new Error(`Defined in ${found?.file}: expected ${expected}`);
    const line = (await Deno.readTextFile(found!.file)).split("\n")[found!.start.line - 1];
    if (!line?.includes(start)) {
      throw new Error(`Defined at ${JSON.stringify(line)}: expected ${JSON.stringify(start)}`);
    }
  }]);
}

/** Sends requests to TypeScript's language server, and returns the bodies of the responses in order. */
async function requestAll(requests: readonly object[]): Promise<unknown[]> {
  const child = new Deno.Command("node", {
    args: ["node_modules/typescript-5.9/lib/tsserver.js", "--disableAutomaticTypingAcquisition"],
    cwd: home,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const input = child.stdin.getWriter();
  for (const [seq, request] of requests.entries()) {
    const line = JSON.stringify({ seq, type: "request", ...request });
    await input.write(new TextEncoder().encode(`${line}\n`));
  }
  const bodies: unknown[] = [];
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    for (const line of lines.filter((line) => line.startsWith("{"))) {
      const message = JSON.parse(line) as { type: string; request_seq: number; body?: unknown };
      if (message.type === "response") bodies[message.request_seq] = message.body;
    }
    if (bodies.length === requests.length) break;
  }
  child.kill();
  await child.status;
  return bodies;
}
