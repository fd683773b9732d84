const COMMENT = /^(?:#|\/\/) apt: (\S+) (\S+)/gm;
/** Programs are also looked for in the folders of servers, which need not be in the PATH. */
const FIND = 'PATH=$PATH:/usr/local/sbin:/usr/sbin; command -v "$0" || compgen -G "$0"';

/**
 * Installs the Debian packages that a server needs and whose programs are missing.
 *
 * @param paths Paths of the script that starts it and of its tests, with comments such as `# apt: PACKAGE PROGRAM`.
 * @returns Why the server cannot run, if it cannot.
 */
export async function installed(paths: readonly string[]): Promise<string | undefined> {
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path).catch(() => "")));
  const text = texts.join("\n");
  const packages: string[] = [];
  for (const [, name, program] of text.matchAll(COMMENT)) {
    if (!(await run("bash", "-c", FIND, program!)).success) packages.push(name!);
  }
  if (packages.length === 0) return undefined;
  const list = packages.join(", ");
  if (Deno.build.os !== "linux" || !(await run("apt-get", "--version")).success) {
    return `${list} not found, and there is no apt-get`;
  }
  if (Deno.uid() !== 0) return `${list} not found, and apt-get requires root`;
  const install = () =>
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages);
  const { success } = await install();
  if (success) return undefined;
  await run("apt-get", "update", "-qq");
  const { success: updated, errors } = await install();
  if (updated) return undefined;
  return `${list} cannot be installed: ${errors.trim().split("\n").at(-1)}`;
}

async function run(command: string, ...args: string[]): Promise<{
  readonly success: boolean;
  readonly errors: string;
}> {
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      // RUNLEVEL prevents packages from starting their servers.
      env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    }).output();
    return { success, errors: new TextDecoder().decode(stderr) };
  } catch (error) {
    return { success: false, errors: `${error}` };
  }
}
