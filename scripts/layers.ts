/**
 * Who may import whom: the rules of the house, as a table. Each row names files by the beginning of
 * their path, and what they may import; the first row that fits a file holds for it.
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
  /** May be imported. A path ending in `/` stands for all below it. */
  readonly imports: readonly string[];
  /** May be imported as types only. */
  readonly types?: readonly string[];
}

const machine = [
  "src/errors.ts",
  "src/bytes/",
  "src/protocol.ts",
  "src/framing_failure.ts",
  "src/frame_",
];
const ground = ["src/errors.ts", "src/bytes/"];
const framer = "src/framers/framer.ts";
const transport = "src/transports/transport.ts";

/** What the transports of every runtime are made of. */
const shared = [
  transport,
  "src/transports/accept_queue.ts",
  "src/transports/address.ts",
  "src/transports/arrivals.ts",
  "src/transports/batches.ts",
  "src/transports/connection_error.ts",
  "src/transports/tls_records.ts",
];

/** The transports over Web Streams, which every bundle with a connection contains. */
const web = [
  "src/transports/deno_conn.ts",
  "src/transports/deno_transport.ts",
  "src/transports/pair_transport.ts",
  "src/transports/pending_calls.ts",
  "src/transports/stream",
  "src/transports/workers",
];

const layers: readonly Layer[] = [
  { files: "mod.ts", imports: ["src/"] },
  {
    files: "testing.ts",
    imports: [...machine, "src/testing/"],
    types: ["src/framers/framer.ts"],
  },
  {
    files: "src/testing/",
    imports: [...machine, "src/testing/"],
    types: ["src/framers/framer.ts"],
  },
  { files: "src/errors.ts", imports: [] },
  { files: "src/bytes/", imports: ["src/errors.ts", "src/bytes/"] },
  { files: "src/framers/", imports: ["src/errors.ts", "src/bytes/", "src/framers/"] },
  { files: "src/codecs/", imports: ["src/errors.ts", "src/bytes/", "src/codecs/"] },
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
    files: "src/connections/",
    imports: [
      ...machine,
      "src/async/",
      "src/flow/",
      "src/streams/",
      "src/connections/",
      "src/transports/address.ts",
      "src/transports/connection_error.ts",
      "src/transports/current.ts",
      "src/transports/overlay.ts",
      "src/transports/stream.ts",
      "src/transports/tls_acceptor.ts",
    ],
    types: [framer, transport, "src/transports/stream_pair.ts"],
  },
  {
    files: "src/requests/",
    imports: ["src/errors.ts", "src/async/", "src/requests/", "src/connections/duration.ts"],
    types: ["src/connections/connection.ts"],
  },
  {
    files: "src/transports/current.ts",
    imports: ["src/transports/deno.ts", "src/transports/bun.ts", "src/transports/node.ts"],
    types: [transport],
  },
  { files: "src/transports/bun", imports: [...ground, ...shared, "src/transports/bun_"] },
  ...web.map((files) => ({ files, imports: [...ground, ...shared, ...web, "src/async/"] })),
  { files: "src/transports/", imports: [...ground, "src/async/", "src/transports/"] },
];

/** Says what breaks the rules, a line each. */
export function violations(imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const found: string[] = [];
  for (const [file, targets] of imports) {
    const layer = layers.find(({ files }) => file.startsWith(files));
    if (layer === undefined) {
      found.push(`${file} is in no layer`);
      continue;
    }
    for (const { path, type } of targets) {
      const allowed = type ? [...layer.imports, ...layer.types ?? []] : layer.imports;
      if (!allowed.some((start) => path.startsWith(start))) {
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
