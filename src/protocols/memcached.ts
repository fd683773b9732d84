import type { Protocol } from "../protocol.ts";
import { sequence } from "../sequences/sequence.ts";
import { readItem, writeAnnounced } from "./announced_items.ts";
import { protocolOfSide } from "./sides.ts";

/** A line of memcached, and the data after it. */
export interface MemcachedItem {
  /** The line, without its end: `"set key 0 60 5"`, `"VALUE key 0 5"`. */
  readonly line: string;
  /** The data that the line announces. */
  readonly data?: Uint8Array;
}

/** A reply of memcached. */
export interface MemcachedReply extends MemcachedItem {
  /** The items before its last line: `VALUE`s, or the lines of statistics; default: none. */
  readonly items?: readonly MemcachedItem[];
}

/** A reply that was read. */
export interface MemcachedReceivedReply extends MemcachedReply {
  /** The items before its last line. */
  readonly items: readonly MemcachedItem[];
}

/** Lines with data, and the position of its length among their words. */
const STORES = { set: 4, add: 4, replace: 4, append: 4, prepend: 4, cas: 4, ms: 2 };
const VALUES = { VALUE: 3, VA: 1 };
const MORE = /^(?:VALUE|STAT|ITEM|PREFIX) /;

/**
 * memcached's text protocol with its meta commands, for clients and servers (memcached, `doc/protocol.txt`).
 *
 * ```text
 *   ┌────────────────┬──────┬───────┬──────┐
 *   │ set key 0 60 5 │ CRLF │ hello │ CRLF │      data only after lines that announce it
 *   └────────────────┴──────┴───────┴──────┘
 *   ┌────────────────┬──────┬───────┬──────┬─────┬──────┐
 *   │ VALUE key 0 5  │ CRLF │ hello │ CRLF │ END │ CRLF │
 *   └────────────────┴──────┴───────┴──────┴─────┴──────┘
 * ```
 *
 * A client, the default side, reads replies and writes commands. The items before `END` belong to its reply; a reply
 * to a meta command is one line, `VA` with data. Bytes in lines that are not UTF-8 are replaced by U+FFFD: send binary
 * keys in base64 to meta commands. The output of `watch` and `lru_crawler` is not supported: each of its lines is read
 * as a reply.
 *
 * The default limits are 64 KiB a line and 64 MiB a reply, which may have many items, each of at most 1 MiB unless
 * configured otherwise.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { memcached } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(memcached());
 * decoder.push(new TextEncoder().encode("VALUE key 0 5\r\nhello\r\nEND\r\n"));
 * const data = new TextEncoder().encode("hello");
 * assert.deepEqual(decoder.read(), { line: "END", items: [{ line: "VALUE key 0 5", data }] });
 * ```
 */
export function memcached(
  options?: { readonly side?: "client" },
): Protocol<MemcachedReceivedReply, MemcachedItem>;
/** The server's side: reads commands and writes replies. */
export function memcached(
  options: { readonly side: "server" },
): Protocol<MemcachedItem, MemcachedReply>;
export function memcached(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
): Protocol<MemcachedReceivedReply, MemcachedItem> | Protocol<MemcachedItem, MemcachedReply> {
  const maxFrameLength = 64 * 2 ** 20;
  return protocolOfSide<MemcachedItem, MemcachedReceivedReply, MemcachedItem, MemcachedReply>(
    side,
    sequence<MemcachedItem>({
      read: () => readItem(STORES),
      write: (command, output) => writeAnnounced(command, STORES, output),
      maxFrameLength,
    }),
    sequence<MemcachedReceivedReply, MemcachedReply>({
      *read() {
        const items: MemcachedItem[] = [];
        for (;;) {
          const item = yield* readItem(VALUES);
          if (!MORE.test(item.line)) return { ...item, items };
          items.push(item);
        }
      },
      write({ items = [], ...last }, output) {
        for (const item of [...items, last]) writeAnnounced(item, VALUES, output);
      },
      maxFrameLength,
    }),
  );
}
