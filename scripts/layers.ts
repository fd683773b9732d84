/**
 * Which files may import which: a table with one row a folder. The first row that fits a file applies to it.
 * A path that ends in `/` covers everything below it, one that ends in `/*` the files directly in the
 * folder.
 *
 * @module
 */

/** A file's imports, as paths from the root; `type`: of types only. */
export interface Import {
  readonly path: string;
  readonly type: boolean;
}

interface Layer {
  readonly files: string;
  /** May be imported. */
  readonly imports: readonly string[];
  /** May be imported as types only. */
  readonly types?: readonly string[];
}

const ground = ["src/errors.ts", "src/bytes/"];
const machine = [...ground, "src/protocol.ts", "src/framing_failure.ts", "src/frame_"];
const framer = "src/framers/framer.ts";
const transport = "src/transports/transport.ts";
/** What the transports of all runtimes have in common. */
const common = [...ground, "src/async/", "src/transports/*"];

const layers: readonly Layer[] = [
  { files: "mod.ts", imports: ["src/"] },
  { files: "testing.ts", imports: [...machine, "src/testing/"], types: [framer] },
  { files: "src/testing/", imports: [...machine, "src/testing/"], types: [framer] },
  { files: "src/errors.ts", imports: [] },
  { files: "src/bytes/", imports: ground },
  { files: "src/framers/", imports: [...ground, "src/framers/"] },
  { files: "src/codecs/", imports: [...ground, "src/codecs/"] },
  {
    files: "src/protocol.ts",
    imports: [],
    types: [framer, "src/codecs/codec.ts", "src/errors.ts"],
  },
  { files: "src/framing_failure.ts", imports: ground, types: [framer] },
  {
    files: "src/frame_",
    imports: [...machine, "src/codecs/decode_frame.ts"],
    types: [framer, "src/codecs/"],
  },
  { files: "src/async/", imports: ["src/async/"] },
  {
    files: "src/flow/",
    imports: [...machine, "src/async/", "src/flow/", "src/transports/connection_error.ts"],
    types: [framer, transport],
  },
  { files: "src/streams/", imports: [...machine, "src/flow/", "src/streams/"], types: [framer] },
  {
    files: "src/taps/",
    imports: ["src/bytes/hexadecimal.ts", "src/taps/", "src/transports/overlay.ts"],
    types: [
      "src/flow/takes.ts",
      "src/frame_decoder.ts",
      transport,
      "src/connections/close_reason.ts",
    ],
  },
  {
    files: "src/connections/options/",
    imports: [...ground, "src/connections/options/"],
    types: [transport],
  },
  {
    files: "src/connections/",
    imports: [
      ...machine,
      "src/async/",
      "src/flow/",
      "src/streams/",
      "src/taps/",
      "src/connections/",
      "src/transports/*",
      "src/transports/tls/acceptor.ts",
      "src/transports/web/stream_transport.ts",
    ],
    types: [framer, "src/transports/web/stream_pair.ts"],
  },
  {
    files: "src/requests/",
    imports: ["src/errors.ts", "src/async/", "src/requests/", "src/connections/options/"],
    types: ["src/connections/connection.ts"],
  },
  {
    files: "src/transports/current.ts",
    imports: ["deno", "bun", "node"].map((runtime) => `src/transports/${runtime}/sockets.ts`),
    types: [transport],
  },
  { files: "src/transports/*", imports: common },
  { files: "src/transports/tls/", imports: [...common, "src/transports/tls/"] },
  { files: "src/transports/bun/", imports: [...common, "src/transports/bun/"] },
  {
    files: "src/transports/deno/",
    imports: [...common, "src/transports/deno/", "src/transports/tls/"],
  },
  {
    files: "src/transports/node/",
    imports: [...common, "src/transports/node/", "src/transports/tls/"],
  },
  {
    files: "src/transports/web/",
    imports: [...common, "src/transports/web/", "src/transports/deno/"],
  },
];

/** Whether a path of the table stands for a file. */
function covers(path: string, file: string): boolean {
  if (!path.endsWith("*")) return file.startsWith(path);
  const folder = path.slice(0, -1);
  return file.startsWith(folder) && !file.slice(folder.length).includes("/");
}

/** Says what breaks the rules, a line each. */
export function violations(imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const found: string[] = [];
  for (const [file, targets] of imports) {
    const layer = layers.find(({ files }) => covers(files, file));
    if (layer === undefined) {
      found.push(`${file} is in no layer`);
      continue;
    }
    for (const { path, type } of targets) {
      const allowed = type ? [...layer.imports, ...layer.types ?? []] : layer.imports;
      if (!allowed.some((files) => covers(files, path))) {
        found.push(`${file} imports ${type ? "types of " : ""}${path}`);
      }
    }
  }
  return [...found, ...cycles(imports).map((cycle) => `a cycle: ${cycle.join(" -> ")}`)];
}

/** The ways that lead from a file through its imports back to it, one for each file they begin with. */
function cycles(imports: ReadonlyMap<string, readonly Import[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  function walk(file: string, way: readonly string[]): void {
    const start = way.indexOf(file);
    if (start >= 0) found.push([...way.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const { path } of imports.get(file) ?? []) walk(path, [...way, file]);
    done.add(file);
  }
  for (const file of imports.keys()) walk(file, []);
  return found;
}
