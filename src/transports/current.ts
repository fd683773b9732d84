import type { Sockets } from "./transport.ts";

declare const navigator: { readonly userAgent?: string } | undefined;

/**
 * Returns the sockets of this runtime, which are loaded on first use.
 *
 * @returns `undefined` where there are none, for example in a browser.
 */
export async function currentSockets(): Promise<Sockets | undefined> {
  // Deno and Bun identify themselves as Node as well, and Workers may.
  if ("Bun" in globalThis) return await import("./bun/sockets.ts");
  if ("Deno" in globalThis) return await import("./deno/sockets.ts");
  if (typeof navigator === "object" && navigator.userAgent === "Cloudflare-Workers") {
    return undefined;
  }
  if (hasNode()) return await import("./node/sockets.ts");
  return undefined;
}

function hasNode(): boolean {
  const { process } = globalThis as { process?: { getBuiltinModule?: unknown } };
  return typeof process?.getBuiltinModule === "function";
}
