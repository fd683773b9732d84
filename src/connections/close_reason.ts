import type { ConnectionErrorCode } from "../errors.ts";

/**
 * How a connection ended.
 *
 * | reason | meaning |
 * |---|---|
 * | `local` | closed cleanly, by this side first |
 * | `remote` | closed cleanly, by the peer first |
 * | `reset` | the peer reset the connection |
 * | `timedOut` | a time limit expired |
 * | `framing` | the peer's stream violates the framing, or ended inside a frame |
 * | `truncated` | TLS ended without close_notify |
 * | `aborted` | this side called `abort()` |
 * | `detached` | the transport was handed over by `detach()` |
 * | `failed` | another failure, see the error of `receive` or `send` |
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

/** Returns the reason for a connection that ended with a network error. */
export function reasonOf(code: ConnectionErrorCode): CloseReason {
  return reasons.get(code) ?? "failed";
}
