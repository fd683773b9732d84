import { runtimeArguments } from "../../scripts/runtimes.ts";

/** The runtimes that are measured, each in one version. */
export const runtimes: readonly string[] = ["deno", "bun@1.4.5", "node@26"];

const commands = new Map<string, readonly string[]>();

/** Returns the command that runs a file on a runtime directly, without a launcher in between. */
export async function commandOf(runtime: string): Promise<readonly string[]> {
  let command = commands.get(runtime);
  if (command === undefined) commands.set(runtime, command = await find(runtime));
  return command;
}

async function find(runtime: string): Promise<readonly string[]> {
  if (runtime === "deno") {
    // Manual: Deno finds packages in bench/node_modules, like the other runtimes.
    const flags = ["-A", "--no-check", "--no-lock", "--node-modules-dir=manual"];
    return [Deno.execPath(), "run", ...flags];
  }
  const args = [...runtimeArguments(runtime), "-p", "process.execPath"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  return [new TextDecoder().decode(stdout).trim()];
}

/** Returns the path of a file beside a module. */
export function pathOf(file: string, module: string): string {
  return decodeURIComponent(new URL(file, module).pathname);
}

/**
 * Installs the packages of `bench/packages/package.json`. The file has its own folder, since beside the
 * sources it would hide the project's settings from them.
 */
export async function installPackages(): Promise<void> {
  const args = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  const cwd = pathOf("../packages/", import.meta.url);
  const npm = new Deno.Command("npm", { args: [...args, "--silent"], cwd });
  const { code } = await npm.spawn().status;
  if (code !== 0) throw new Error("Cannot install the packages of bench/packages/package.json");
  const link = new URL("../node_modules", import.meta.url);
  await Deno.symlink("packages/node_modules", link).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
}
