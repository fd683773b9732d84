/**
 * Builds the programs of this folder into `.tmp/bench/`.
 *
 * @module
 */

/** The command that starts a program; or why there is none. */
export type Built = { readonly command: readonly string[] } | { readonly missing: string };

const root = new URL("../../../", import.meta.url);

/** For each language, how its program is built. */
export const build: Readonly<Record<string, () => Promise<Built>>> = {
  c: () =>
    built("gcc", ["cc", "-O2", "-o", out("frames-c"), source("c/frames.c")], [out("frames-c")]),
  rust,
  go: () =>
    built(
      "golang-go",
      ["go", "build", "-o", out("frames-go"), source("go/main.go")],
      [out("frames-go")],
      { GO111MODULE: "off", GOTOOLCHAIN: "local", GOFLAGS: "", GOCACHE: out("go-cache") },
    ),
  java,
  erlang: () =>
    built(
      "erlang-base",
      ["erlc", "-o", out(""), source("erlang/frames.erl")],
      ["erl", "+S", "1:1", "-noshell", "-pa", out(""), "-run", "frames", "main"],
    ),
  python: () => built("python3", ["python3", "--version"], ["python3", source("python/frames.py")]),
};

/** Debian keeps the sources of Rust's packages where Cargo finds them without a network. */
async function rust(): Promise<Built> {
  const packages = "/usr/share/cargo/registry";
  const install = "cargo librust-tokio-util-dev";
  if (!await holds(packages, "tokio-util-")) {
    return missing("there are no sources of tokio-util", install);
  }
  // Cargo writes a lock file next to the sources.
  await Deno.mkdir(out("rust/src"), { recursive: true });
  for (const file of ["Cargo.toml", "src/main.rs", "src/by_hand.rs", "src/codecs.rs"]) {
    await Deno.copyFile(source(`rust/${file}`), out(`rust/${file}`));
  }
  const cargo = ["cargo", "build", "--release", "--offline", "--quiet"];
  const replaced = [
    "--config",
    'source.crates-io.replace-with="debian"',
    "--config",
    `source.debian.directory="${packages}"`,
  ];
  return built(
    install,
    [...cargo, ...replaced, "--manifest-path", out("rust/Cargo.toml")],
    [out("rust/target/release/frames")],
    { CARGO_TARGET_DIR: out("rust/target") },
  );
}

async function java(): Promise<Built> {
  const install = "default-jdk-headless libnetty-java";
  const parts = ["buffer", "codec", "common", "resolver", "transport"];
  const jars = parts.map((part) => `/usr/share/java/netty-${part}.jar`);
  if (!await exists(jars[0]!)) return missing("there is no Netty", install);
  const path = [...jars, out("java")].join(":");
  return await built(
    install,
    ["javac", "-cp", path, "-d", out("java"), source("java/Frames.java")],
    ["java", "-cp", path, "Frames"],
  );
}

/** Runs a compiler, and gives the command of what it has made. */
async function built(
  install: string,
  [compiler, ...args]: readonly string[],
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Built> {
  const options = { args, env, stdin: "null", stdout: "null", stderr: "piped" } as const;
  try {
    const { success, stderr } = await new Deno.Command(compiler!, options).output();
    if (success) return { command };
    const reason = new TextDecoder().decode(stderr).trim().split("\n")[0];
    return missing(`${compiler} says: ${reason}`, install);
  } catch {
    return missing(`there is no ${compiler}`, install);
  }
}

function missing(reason: string, install: string): Built {
  return { missing: `${reason} (on Debian: apt-get install ${install})` };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function holds(folder: string, beginning: string): Promise<boolean> {
  if (!await exists(folder)) return false;
  for await (const { name } of Deno.readDir(folder)) if (name.startsWith(beginning)) return true;
  return false;
}

function source(path: string): string {
  return decodeURIComponent(new URL(path, import.meta.url).pathname);
}

function out(path: string): string {
  return decodeURIComponent(new URL(`.tmp/bench/${path}`, root).pathname);
}
