import type { Sockets } from "./transport.ts";

/**
 * Returns no sockets. This module replaces `current.ts` where a bundler builds for browsers, which have none: see
 * `browser` in the package.json.
 */
export function currentSockets(): Sockets | undefined {
  return undefined;
}
