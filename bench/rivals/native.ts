/**
 * Programs in other languages, in `native/`. All read the same stream format: a length in four bytes,
 * most significant first, and that many bytes. Languages that are not installed are skipped.
 *
 * @module
 */

import type { Candidate } from "../support/race.ts";
import { pathOf } from "../support/runtimes.ts";
import type { Workload } from "../support/workloads.ts";

interface Program {
  /** What to install on Debian. */
  readonly packages: string;
  /** A file that must exist. */
  readonly needs?: string;
  readonly build: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** The candidates, with the last argument of each, if any. */
  readonly candidates: Readonly<Record<string, string>>;
}

/** The workloads with a length in four bytes. */
const WORKLOADS = ["W1", "W2", "W3"];

const netty = ["buffer", "codec", "common", "resolver", "transport"]
  .map((part) => `/usr/share/java/netty-${part}.jar`);
const classPath = [...netty, out("java")].join(":");
/** Where Debian installs the sources of Rust packages, for builds without a network. */
const crates = "/usr/share/cargo/registry";

const programs: readonly Program[] = [
  {
    packages: "gcc",
    build: ["cc", "-O2", "-o", out("frames-c"), source("frames.c")],
    command: [out("frames-c")],
    candidates: { "C": "" },
  },
  {
    packages: "cargo librust-tokio-util-dev",
    needs: crates,
    build: [
      ...["cargo", "build", "--release", "--offline", "--quiet"],
      ...["--config", 'source.crates-io.replace-with="debian"'],
      ...["--config", `source.debian.directory="${crates}"`],
      ...["--manifest-path", out("rust/Cargo.toml")],
    ],
    env: { CARGO_TARGET_DIR: out("rust/target") },
    command: [out("rust/target/release/frames")],
    candidates: { "Rust, tokio-util": "tokio", "Rust, bytes by hand": "hand" },
  },
  {
    packages: "golang-go",
    build: ["go", "build", "-o", out("frames-go"), source("frames.go")],
    env: { GO111MODULE: "off", GOTOOLCHAIN: "local", GOFLAGS: "", GOCACHE: out("go-cache") },
    command: [out("frames-go")],
    candidates: { "Go, bufio.Scanner": "" },
  },
  {
    packages: "default-jdk-headless libnetty-java",
    needs: netty[0]!,
    build: ["javac", "-cp", classPath, "-d", out("java"), source("Frames.java")],
    command: ["java", "-cp", classPath, "Frames"],
    candidates: { "Java, Netty": "" },
  },
  {
    packages: "erlang-base",
    build: ["erlc", "-o", out(""), source("frames.erl")],
    command: ["erl", "+S", "1:1", "-noshell", "-pa", out(""), "-run", "frames", "main"],
    candidates: { "Erlang, decode_packet": "" },
  },
  {
    packages: "python3",
    build: ["python3", "--version"],
    command: ["python3", source("frames.py")],
    candidates: { "Python, asyncio": "" },
  },
];

const built = new Map<Program, boolean>();

/**
 * Returns the candidates for a workload.
 *
 * @param onSkip Called once for each program that cannot be built.
 */
export async function nativeCandidates(
  work: Workload,
  onSkip: (name: string, reason: string) => void,
): Promise<Candidate[]> {
  if (!WORKLOADS.includes(work.name)) return [];
  await Deno.mkdir(out("rust/src"), { recursive: true });
  const file = out(`${work.name}.bytes`);
  await Deno.writeFile(file, work.bytes);
  const candidates: Candidate[] = [];
  for (const program of programs) {
    if (!built.has(program)) {
      const failure = await build(program);
      built.set(program, failure === undefined);
      if (failure !== undefined) onSkip(Object.keys(program.candidates)[0]!, failure);
    }
    if (!built.get(program)) continue;
    for (const [name, argument] of Object.entries(program.candidates)) {
      const args = [file, String(work.chunkLength), ...argument === "" ? [] : [argument]];
      candidates.push({ name, command: [...program.command, ...args] });
    }
  }
  return candidates;
}

/** Builds a program. Returns why that failed, if it did. */
async function build({ packages, needs, build, env = {} }: Program): Promise<string | undefined> {
  const install = `(on Debian: apt-get install ${packages})`;
  const [compiler, ...args] = build;
  try {
    if (needs !== undefined) await Deno.stat(needs);
    // Cargo writes a lock file beside the manifest.
    for (const name of ["Cargo.toml", "src/main.rs"]) {
      await Deno.copyFile(source(`rust/${name}`), out(`rust/${name}`));
    }
    const command = new Deno.Command(compiler!, { args, env, stdout: "null", stderr: "piped" });
    const { success, stderr } = await command.output();
    if (success) return undefined;
    const reason = new TextDecoder().decode(stderr).trim().split("\n")[0];
    return `${compiler}: ${reason} ${install}`;
  } catch (error) {
    return `${(error as Error).message} ${install}`;
  }
}

function source(path: string): string {
  return pathOf(`native/${path}`, import.meta.url);
}

function out(path: string): string {
  return pathOf(`../../.tmp/bench/${path}`, import.meta.url);
}
