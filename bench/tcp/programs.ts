/**
 * The programs under test, and the commands that start them.
 *
 * @module
 */

import { commandOf } from "../support/runtimes.ts";
import type { Play } from "./pair.ts";

/** How a program in JavaScript is started. */
export async function framed(runtime: string): Promise<Play> {
  return starter(await commandOf(runtime), "framed.ts");
}

/** The same program by hand. */
export async function raw(runtime: string): Promise<Play> {
  return starter(await commandOf(runtime), `raw/${runtime.split("@")[0]}.ts`);
}

function starter(command: readonly string[], file: string): Play {
  const path = decodeURIComponent(new URL(file, import.meta.url).pathname);
  const isDeno = command[1] === "run";
  return (role) => {
    // Deno shares ports only when it is asked to.
    const flags = isDeno && role.reusePort ? ["--unstable-net"] : [];
    const [program, ...rest] = command;
    const head = isDeno ? [program!, rest[0]!, ...flags, ...rest.slice(1)] : command;
    return [...head, path, JSON.stringify(role)];
  };
}

/** The program in C, built; or why there is none. */
export async function peer(): Promise<Play | { readonly missing: string }> {
  const folder = new URL("../../.tmp/bench/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  const path = decodeURIComponent(new URL("tcp_peer", folder).pathname);
  const source = decodeURIComponent(new URL("raw/peer.c", import.meta.url).pathname);
  if (Deno.build.os !== "linux") return { missing: "epoll is Linux's" };
  try {
    const { success, stderr } = await new Deno.Command("cc", {
      args: ["-O2", "-o", path, source],
    }).output();
    if (!success) return { missing: new TextDecoder().decode(stderr).split("\n")[0]! };
  } catch {
    return { missing: "there is no C compiler (cc)" };
  }
  return ({ name, hostname, port = 0, connections, size }) => [
    path,
    name,
    hostname,
    String(port),
    String(connections),
    String(size),
  ];
}
