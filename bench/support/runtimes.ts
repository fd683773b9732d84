import { runtimeArguments } from "../../scripts/runtimes.ts";

/** The runtimes that are measured, each in one version. */
export const runtimes: readonly string[] = ["deno", "bun@1.4.5", "node@26"];

/** Lets Deno find packages in `bench/node_modules`, as the others do. */
const OWN = ["--node-modules-dir=manual"];

const programs = new Map<string, readonly string[]>();

/**
 * The command that runs a file on a runtime without anything in between, so that processes start soon
 * and their ids are their own.
 */
export async function commandOf(runtime: string): Promise<readonly string[]> {
  let program = programs.get(runtime);
  if (program === undefined) {
    programs.set(runtime, program = await find(runtime));
  }
  return program;
}

async function find(runtime: string): Promise<readonly string[]> {
  if (runtime === "deno") {
    return [Deno.execPath(), "run", "-A", "--no-check", "--no-lock", ...OWN];
  }
  const args = [...runtimeArguments(runtime), "-p", "process.execPath"];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args,
    stderr: "inherit",
  }).output();
  return [new TextDecoder().decode(stdout).trim()];
}

const bench = new URL("../", import.meta.url);

/**
 * Installs what the benches need, in the exact versions of `bench/packages/package.json`. The file is
 * in a folder of its own, since next to the sources it would keep the house's settings from them.
 */
export async function installPackages(): Promise<void> {
  const args = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  const cwd = decodeURIComponent(new URL("packages/", bench).pathname);
  const { code } = await new Deno.Command("npm", { args: [...args, "--silent"], cwd })
    .spawn().status;
  if (code !== 0) throw new Error("Cannot install the packages of bench/packages/package.json");
  await Deno.symlink("packages/node_modules", new URL("node_modules", bench)).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
}
