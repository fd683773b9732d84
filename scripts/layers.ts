/**
 * The layers of the library: a table of permitted imports, with one row for each folder. The first row that
 * matches a file applies. A path that ends in `/` matches everything below it, and one that ends in `/*` matches
 * the files directly in the folder.
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
  /** The path of its files. */
  readonly files: string;
  /** The paths that its files may import. */
  readonly imports: readonly string[];
  /** The paths from which its files may import only types. */
  readonly types?: readonly string[];
}

const base = ["src/errors.ts", "src/bytes/"];
/** Files that decode and encode frames. */
const core = [...base, "src/protocol.ts", "src/framing_failure.ts", "src/frame_"];
const framer = "src/framers/framer.ts";
const transport = "src/transports/transport.ts";
/** The paths that the transports of every runtime may import. */
const common = [...base, "src/async/", "src/transports/*"];

const layers: readonly Layer[] = [
  { files: "mod.ts", imports: ["src/"] },
  { files: "testing.ts", imports: ["src/testing/"] },
  { files: "protocols.ts", imports: ["src/protocols/"] },
  {
    files: "src/protocols/",
    imports: [
      ...base,
      "src/async/",
      "src/asymmetric.ts",
      "src/codecs/",
      "src/connections/options/",
      "src/connections/report_bug.ts",
      "src/framers/",
      "src/protocol.ts",
      "src/protocols/",
      "src/sequences/",
      "src/stateful.ts",
      "src/streams/read_frames.ts",
    ],
    types: [
      "src/flow/byte_source.ts",
      "src/connections/connection.ts",
      "src/requests/requester.ts",
      transport,
    ],
  },
  {
    files: "src/testing/",
    imports: [...core, "src/testing/", "src/streams/", "src/connections/connection.ts"],
    types: [framer],
  },
  { files: "src/errors.ts", imports: [] },
  { files: "src/bytes/", imports: base },
  { files: "src/framers/", imports: [...base, "src/framers/"] },
  { files: "src/codecs/", imports: [...base, "src/codecs/"] },
  {
    files: "src/sequences/",
    imports: [
      ...base,
      "src/codecs/codec_failure.ts",
      "src/codecs/writing.ts",
      "src/protocol.ts",
      "src/sequences/",
    ],
    types: ["src/codecs/", "src/framers/"],
  },
  {
    files: "src/asymmetric.ts",
    imports: ["src/protocol.ts"],
    types: [framer],
  },
  { files: "src/stateful.ts", imports: [], types: ["src/protocol.ts"] },
  {
    files: "src/protocol.ts",
    imports: ["src/bytes/check_methods.ts", "src/bytes/is_length.ts"],
    types: [framer, "src/codecs/codec.ts", "src/errors.ts"],
  },
  {
    files: "src/framing_failure.ts",
    imports: base,
    types: ["src/framers/sequence_framer.ts", "src/protocol.ts"],
  },
  {
    files: "src/frame_",
    imports: [...core, "src/codecs/codec_failure.ts"],
    types: ["src/framers/", "src/codecs/"],
  },
  { files: "src/async/", imports: ["src/async/"] },
  {
    files: "src/flow/",
    imports: [...core, "src/async/", "src/flow/", "src/transports/connection_error.ts"],
    types: [framer, transport],
  },
  {
    files: "src/streams/",
    imports: [...core, "src/async/", "src/flow/", "src/streams/"],
    types: [framer],
  },
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
    imports: [...base, "src/async/timer.ts", "src/connections/options/"],
    types: [transport, "src/transports/process/child.ts"],
  },
  {
    files: "src/connections/",
    imports: [
      ...core,
      "src/async/",
      "src/flow/",
      "src/streams/",
      "src/taps/",
      "src/connections/",
      "src/transports/*",
      "src/transports/process/",
      "src/transports/tls/acceptor.ts",
      "src/transports/web/stream_transport.ts",
    ],
    types: [framer, "src/transports/web/stream_pair.ts"],
  },
  {
    files: "src/requests/",
    imports: [...base, "src/async/", "src/requests/", "src/connections/options/"],
    types: ["src/connections/connection.ts"],
  },
  {
    files: "src/transports/current.ts",
    imports: ["deno", "bun", "node"].map((runtime) => `src/transports/${runtime}/sockets.ts`),
    types: [transport],
  },
  { files: "src/transports/none.ts", imports: [], types: [transport] },
  { files: "src/transports/*", imports: common },
  { files: "src/transports/tls/", imports: [...common, "src/transports/tls/"] },
  {
    files: "src/transports/bun/",
    imports: [...common, "src/transports/bun/", "src/transports/tls/"],
  },
  {
    files: "src/transports/deno/",
    imports: [...common, "src/transports/deno/", "src/transports/tls/"],
  },
  {
    files: "src/transports/node/",
    imports: [
      ...common,
      "src/transports/bun/foreign_socket.ts",
      "src/transports/node/",
      "src/transports/tls/",
      "src/transports/web/",
    ],
  },
  {
    files: "src/transports/process/",
    imports: [
      ...common,
      "src/transports/deno/",
      "src/transports/node/",
      "src/transports/process/",
      "src/transports/web/",
    ],
  },
  {
    files: "src/transports/web/",
    imports: [...common, "src/transports/web/", "src/transports/deno/"],
  },
];

/** Whether a path of the table matches a file. */
function covers(path: string, file: string): boolean {
  if (!path.endsWith("*")) return file.startsWith(path);
  const folder = path.slice(0, -1);
  return file.startsWith(folder) && !file.slice(folder.length).includes("/");
}

/** Returns the violations of the layers, as lines of text. */
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
