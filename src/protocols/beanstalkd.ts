import type { Protocol } from "../protocol.ts";
import { sequence, type SequenceProtocol } from "../sequences/sequence.ts";
import { type Announcements, readItem, writeAnnounced } from "./announced_items.ts";
import { protocolOfSide } from "./sides.ts";

/** A command or a reply of beanstalkd. */
export interface BeanstalkdMessage {
  /** The line, without its end: `"put 0 0 60 5"`, `"RESERVED 7 5"`. */
  readonly line: string;
  /** The data that the line announces: a job, or a list in YAML. */
  readonly data?: Uint8Array;
}

/** Lines with data, and the position of its length among their words. */
const COMMANDS = { put: 4 };
const REPLIES = { RESERVED: 2, FOUND: 2, OK: 1 };

/**
 * beanstalkd's protocol, for clients and servers (beanstalkd, `doc/protocol.txt`).
 *
 * ```text
 *   ┌──────────────┬──────┬───────┬──────┐
 *   │ put 0 0 60 5 │ CRLF │ hello │ CRLF │   data only after lines that announce it
 *   └──────────────┴──────┴───────┴──────┘
 * ```
 *
 * A client, the default side, reads replies and writes commands. The default limit is 1 MiB; beanstalkd accepts
 * jobs of 64 KiB unless configured otherwise.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { beanstalkd } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(beanstalkd());
 * decoder.push(new TextEncoder().encode("INSERTED 7\r\nRESERVED 7 2\r\nhi\r\n"));
 * const data = new TextEncoder().encode("hi");
 * assert.deepEqual([...decoder], [{ line: "INSERTED 7" }, { line: "RESERVED 7 2", data }]);
 * ```
 */
export function beanstalkd(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
): Protocol<BeanstalkdMessage> {
  return protocolOfSide(side, itemsOf(COMMANDS), itemsOf(REPLIES));
}

function itemsOf(announcements: Announcements): SequenceProtocol<BeanstalkdMessage> {
  return sequence<BeanstalkdMessage>({
    read: () => readItem(announcements),
    write: (message, output) => writeAnnounced(message, announcements, output),
  });
}
