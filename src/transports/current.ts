import * as bun from "./bun/sockets.ts";
import * as deno from "./deno/sockets.ts";
import * as node from "./node/sockets.ts";
import type { Sockets } from "./transport.ts";

declare const navigator: { readonly userAgent?: string } | undefined;

/** Returns the sockets of this runtime; `undefined` if it has none, as in a browser. */
export function currentSockets(): Sockets | undefined {
  // Deno and Bun identify themselves as Node as well, and Workers may.
  if ("Bun" in globalThis) return bun;
  if ("Deno" in globalThis) return deno;
  if (typeof navigator === "object" && navigator.userAgent === "Cloudflare-Workers") {
    return undefined;
  }
  return hasNodeModules() ? node : undefined;
}

function hasNodeModules(): boolean {
  const { process } = globalThis as { process?: { getBuiltinModule?: unknown } };
  return typeof process?.getBuiltinModule === "function";
}
