import type { ConnectionErrorCode } from "../errors.ts";

/**
 * How a connection came to its end.
 *
 * | reason | meaning |
 * |---|---|
 * | `local` | this side ended first, and all went well |
 * | `remote` | the peer ended first, between two messages, and all went well |
 * | `reset` | the peer dropped the connection |
 * | `timedOut` | a time ran out that an option limits |
 * | `framing` | what the peer sent could not be framed, or ended inside a frame |
 * | `truncated` | TLS ended without the peer's goodbye |
 * | `aborted` | this side gave up by `abort()` |
 * | `detached` | the transport was handed on by `detach()` |
 * | `failed` | anything else: the error of `receive` or `send` tells |
 */
export type CloseReason =
  | "local"
  | "remote"
  | "reset"
  | "timedOut"
  | "framing"
  | "truncated"
  | "aborted"
  | "detached"
  | "failed";

const reasons: ReadonlyMap<ConnectionErrorCode, CloseReason> = /* @__PURE__ */ new Map([
  ["reset", "reset"],
  ["timedOut", "timedOut"],
  ["truncated", "truncated"],
  ["aborted", "aborted"],
]);

/** The reason that an error of the network is for the end of its connection. */
export function reasonOf(code: ConnectionErrorCode): CloseReason {
  return reasons.get(code) ?? "failed";
}
