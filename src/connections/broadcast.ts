import { report } from "../async/report.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { FrameEncoder } from "../frame_encoder.ts";
import { protocolOf, type ProtocolParts } from "../protocol.ts";
import type { Connection } from "./connection.ts";
import { framedOf } from "./framed_of.ts";
import { checkType, invalidOption, limit } from "../bytes/invalid_option.ts";

/** The options of `Server.broadcast`. */
// deno-lint-ignore no-explicit-any
export interface BroadcastOptions<In = any, Out = any> {
  /** The connection or connections to leave out; default: none. */
  readonly except?: Connection<In, Out> | Iterable<Connection<In, Out>>;
  /**
   * Number of pending bytes at which a connection counts as slow and is skipped; default: its
   * `highWaterMark`.
   */
  readonly maxPending?: number;
  /**
   * Called with each slow connection after the message has been sent to all others, for example to abort
   * it; default: it only misses the message. An error of the callback becomes an uncaught exception.
   */
  readonly onSlow?: (connection: Connection<In, Out>) => void;
}

/** The connections of a server. */
export interface Audience<In, Out> {
  readonly connections: ReadonlySet<Connection<In, Out>>;
  readonly protocol: ProtocolParts<In, Out>;
  /** Called with the error of a single connection, which affects no other. */
  readonly onError: (error: unknown) => void;
}

/**
 * Encodes a message once and sends its bytes to many connections.
 *
 * @returns The number of connections that the message was sent to.
 * @throws The message cannot be encoded, or an option is invalid. Nothing is sent.
 */
export function broadcast<In, Out>(
  message: Out,
  { connections, protocol, onError }: Audience<In, Out>,
  { except = [], maxPending, onSlow }: BroadcastOptions<In, Out> = {},
): number {
  checkType("onSlow", onSlow, "a function");
  if (maxPending !== undefined) limit("maxPending", maxPending, "number of bytes");
  if (except === null || typeof except !== "object") {
    throw invalidOption("except", except, "a connection or an iterable of connections");
  }
  const excluded = new Set(Symbol.iterator in except ? except : [except]);
  const { framer, codec } = protocol;
  const encoder = new FrameEncoder<Out>(protocol);
  encoder.write(message);
  const chunks = encoder.drain();
  // The protocol of the encoded frame: its framer writes the frame, whatever the message.
  const encoded = protocolOf({
    measure: () => undefined,
    write: (_, output) => chunks.forEach((chunk) => output.write(chunk)),
  });
  let count = 0;
  for (const connection of connections) {
    const framed = framedOf.get(connection)!;
    const { protocol: current, sender } = framed;
    const same = current.framer === framer && current.codec === codec;
    if (!same || !sender.open || excluded.has(connection)) continue;
    if (sender.pending >= (maxPending ?? framed.timeLimits.limits.highWaterMark)) {
      if (onSlow !== undefined) report(onSlow as (connection: unknown) => void, connection);
      continue;
    }
    try {
      sender.switchTo(encoded);
      framed.send(NOTHING as Out, undefined);
      count++;
    } catch (error) {
      report(onError, error);
    } finally {
      sender.switchTo(current);
    }
  }
  return count;
}
