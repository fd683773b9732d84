import type { Sockets } from "./transport.ts";

declare const navigator: { readonly userAgent?: string } | undefined;

/** Returns the sockets of this runtime, loaded on first use; `undefined` if it has none, as in a browser. */
export async function currentSockets(): Promise<Sockets | undefined> {
  // Deno and Bun identify themselves as Node as well, and Workers may.
  if ("Bun" in globalThis) return await import("./bun/sockets.ts");
  if ("Deno" in globalThis) return await import("./deno/sockets.ts");
  if (typeof navigator === "object" && navigator.userAgent === "Cloudflare-Workers") {
    return undefined;
  }
  if (hasNodeModules()) return await import("./node/sockets.ts");
  return undefined;
}

function hasNodeModules(): boolean {
  const { process } = globalThis as { process?: { getBuiltinModule?: unknown } };
  return typeof process?.getBuiltinModule === "function";
}
