/**
 * The programs that are measured, and the commands that start them.
 *
 * @module
 */

import { commandOf, pathOf } from "../support/runtimes.ts";
import type { CommandOf } from "./pair.ts";

/** Returns how the program that uses this library is started. */
export function framed(runtime: string): Promise<CommandOf> {
  return starter(runtime, "framed.ts");
}

/** Returns how the program written by hand is started. */
export function raw(runtime: string): Promise<CommandOf> {
  return starter(runtime, `raw/${runtime.split("@")[0]}.ts`);
}

async function starter(runtime: string, file: string): Promise<CommandOf> {
  const command = [...await commandOf(runtime), pathOf(file, import.meta.url)];
  return (role) => [...command, JSON.stringify(role)];
}

/** Builds the program in C. Returns `undefined` if there is no C compiler. */
export async function peer(): Promise<CommandOf | undefined> {
  await Deno.mkdir(pathOf("../../.tmp/bench/", import.meta.url), { recursive: true });
  const path = pathOf("../../.tmp/bench/tcp_peer", import.meta.url);
  const args = ["-O2", "-o", path, pathOf("raw/peer.c", import.meta.url)];
  const { success } = await new Deno.Command("cc", { args, stderr: "inherit" }).output()
    .catch(() => ({ success: false }));
  if (!success) return undefined;
  return ({ name, hostname, port = 0, size }) => [path, name, hostname, `${port}`, `${size}`];
}
