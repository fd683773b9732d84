import type { Command } from "../../transports/process/child.ts";
import { byName, refuse } from "./foreign_options.ts";
import { checkChoice, invalidOption } from "../../bytes/invalid_option.ts";

/** The options that describe a process. */
export interface CommandOptions {
  /** The program: a path, or a name that is looked up in `PATH`. No shell is involved. */
  readonly command: string;
  /** Its arguments; default none. */
  readonly args?: readonly string[];
  /** Environment variables in addition to those of this process; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Its working directory; default that of this process. */
  readonly cwd?: string;
  /**
   * Use of its stderr: `"inherit"` (the default) writes it to the stderr of this process, `"piped"`
   * makes it available as `stderr`, `"ignore"` discards it.
   */
  readonly stderr?: "inherit" | "piped" | "ignore";
}

/** Options of Node, Deno, Bun and others that have a different name here or are not supported. */
const foreign = /* @__PURE__ */ byName({
  command: "cmd file program executable",
  args: "argv arguments",
  cwd: "dir workingDirectory",
  env: "environment",
  "stderr, without stdin and stdout": "stdio stdin stdout",
  'command "sh" and args ["-c", …]': "shell",
  "exitTimeout or killTimeout": "killSignal forceKillAfterDelay",
  "abort()": "signal",
  exited: "onExit",
  "": "detached uid gid argv0 clearEnv ipc serialization windowsRawArguments encoding maxBuffer",
});

/**
 * Checks and resolves the options that describe a process: runtimes report invalid ones late and in
 * different ways, and convert some to text.
 *
 * @throws {TypeError} An option is missing or invalid, or has a name from another library.
 */
export function commandOf(options: CommandOptions): Command {
  refuse("option", options, (name) => foreign.get(name));
  const { command, args = [], env, cwd, stderr = "inherit" } = options;
  if (!isText(command) || command === "") throw invalidOption("command", command, "a program");
  if (!Array.isArray(args)) throw invalidOption("args", args, "an array");
  for (const arg of args) if (!isText(arg)) throw invalidOption("args", arg, `strings${NUL}`);
  if (env !== undefined) checkEnvironment(env);
  if (cwd !== undefined && (!isText(cwd) || cwd === "")) throw invalidOption("cwd", cwd, "a path");
  checkChoice("stderr", stderr, ["inherit", "piped", "ignore"]);
  return { command, args: [...args], env, cwd, stderr };
}

const NUL = " without the character NUL";

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

function checkEnvironment(env: Readonly<Record<string, unknown>>): void {
  if (typeof env !== "object" || env === null) throw invalidOption("env", env, "an object");
  for (const [name, value] of Object.entries(env)) {
    if (/^$|[=\0]/.test(name)) throw invalidOption("env", name, "names of variables");
    // The error must not show the value, which may be secret.
    if (value !== undefined && !isText(value)) {
      throw new TypeError(`Invalid env ${name}: expected a string${NUL}`);
    }
  }
}
