/**
 * The layers of the library, as a table of permitted imports. Each row names files by the beginning of
 * their path, and the imports that they may have; the first row that matches a file applies.
 *
 * @module
 */

/** An import of a file. */
export interface Import {
  /** Path of the imported file, relative to the root. */
  readonly path: string;
  /** Whether it imports only types. */
  readonly type: boolean;
}

interface Layer {
  /** Beginning of the paths of its files. */
  readonly files: string;
  /** Beginnings of the paths that its files may import. */
  readonly imports: readonly string[];
  /** Beginnings of the paths from which its files may import only types. */
  readonly types?: readonly string[];
}

/** Files that decode and encode frames. */
const core = [
  "src/errors.ts",
  "src/bytes/",
  "src/protocol.ts",
  "src/framing_failure.ts",
  "src/frame_",
];
const base = ["src/errors.ts", "src/bytes/"];
const framer = "src/framers/framer.ts";
const transport = "src/transports/transport.ts";

/** Files that the transports of every runtime may import. */
const shared = [
  transport,
  "src/transports/accept_queue.ts",
  "src/transports/address.ts",
  "src/transports/arrivals.ts",
  "src/transports/batches.ts",
  "src/transports/connection_error.ts",
  "src/transports/tls_records.ts",
];

/** Transports over Web Streams, which are in every bundle with a connection. */
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
    imports: [...core, "src/testing/"],
    types: ["src/framers/framer.ts"],
  },
  {
    files: "src/testing/",
    imports: [...core, "src/testing/"],
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
  { files: "src/framing_failure.ts", imports: base, types: [framer] },
  {
    files: "src/frame_",
    imports: [...core, "src/codecs/decode_frame.ts"],
    types: [framer, "src/codecs/"],
  },
  { files: "src/async/", imports: ["src/async/"] },
  {
    files: "src/flow/",
    imports: [...core, "src/async/", "src/flow/", "src/transports/connection_error.ts"],
    types: [framer, transport],
  },
  { files: "src/streams/", imports: [...core, "src/flow/", "src/streams/"], types: [framer] },
  {
    files: "src/connections/",
    imports: [
      ...core,
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
  { files: "src/transports/bun", imports: [...base, ...shared, "src/transports/bun_"] },
  ...web.map((files) => ({ files, imports: [...base, ...shared, ...web, "src/async/"] })),
  { files: "src/transports/", imports: [...base, "src/async/", "src/transports/"] },
];

/** Returns the violations of the layers, as lines of text. */
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

/** Returns the import cycles. */
function cycles(imports: ReadonlyMap<string, readonly Import[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  function walk(file: string, trail: readonly string[]): void {
    const start = trail.indexOf(file);
    if (start >= 0) found.push([...trail.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const { path } of imports.get(file) ?? []) walk(path, [...trail, file]);
    done.add(file);
  }
  for (const file of imports.keys()) walk(file, []);
  return found;
}
