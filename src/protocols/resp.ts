import { MalformedFrameError } from "../errors.ts";
import { lines } from "../framers/lines.ts";
import { uint8 } from "../framers/lengths/uint.ts";
import type { Protocol } from "../protocol.ts";
import { part } from "../sequences/part.ts";
import { sequence, type SequenceProtocol } from "../sequences/sequence.ts";
import { latin1 } from "./latin1.ts";
import { inlineWords } from "./resp_inline.ts";
import { respReplies, type RespValue } from "./resp_values.ts";
import { protocolOfSide } from "./sides.ts";
import { block, lengthIn, line, utf8, writeBlock, writeLine } from "./text_parts.ts";

/** A command for Redis: its name and its arguments. */
export type RespCommand = readonly (string | number | bigint | Uint8Array)[];

/** Maximum length of a message in bytes. */
const MAX_LENGTH = 64 * 2 ** 20;
/** Maximum length of a line in bytes. */
const MAX_LINE = 65_536;
/** Maximum number of arguments, Redis's own. */
const MAX_ARGUMENTS = 2 ** 20;
const STAR = 0x2a;
const LF = 0x0a;

/**
 * RESP 2 and 3, the protocol of Redis and Valkey, for clients and servers (Redis documentation, "Redis
 * serialization protocol specification").
 *
 * ```text
 *   ┌──────┬───────┬──────┬──────┬────────┬──────┬───────┬──────┐
 *   │ type │ value │ CRLF │ type │ length │ CRLF │ bytes │ CRLF │   and values inside of values
 *   └──────┴───────┴──────┴──────┴────────┴──────┴───────┴──────┘
 * ```
 *
 * A client, the default side, writes commands and reads values: text for simple strings, bytes for bulk
 * strings, numbers, `bigint` beyond the safe integers and for big numbers, `null`, booleans, arrays, and
 * objects with a `type` for all others, such as errors and push messages. A server reads commands as bytes,
 * also those that are typed as one line (inline commands); an empty one is an empty array, which Redis ignores.
 *
 * The default limit is 64 MiB, and 64 KiB for a line; Redis itself permits strings of 512 MiB.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { resp } from "@framewright/framewright/protocols";
 *
 * const encoder = new FrameEncoder(resp());
 * encoder.write(["GET", "key"]);
 * assert.equal(
 *   new TextDecoder().decode(encoder.drain()[0]),
 *   "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n",
 * );
 * const decoder = new FrameDecoder(resp());
 * decoder.push(new TextEncoder().encode("*2\r\n:1\r\n-ERR no\r\n"));
 * assert.deepEqual(decoder.read(), [1, { type: "error", message: "ERR no" }]);
 * ```
 */
export function resp(options?: { readonly side?: "client" }): Protocol<RespValue, RespCommand>;
/** The server's side of RESP: reads commands and writes values. */
export function resp(options: { readonly side: "server" }): Protocol<Uint8Array[], RespValue>;
export function resp(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
): Protocol<RespValue, RespCommand> | Protocol<Uint8Array[], RespValue> {
  return protocolOfSide<Uint8Array[], RespValue, RespCommand>(
    side,
    commands(),
    respReplies(MAX_LINE, MAX_LENGTH),
  );
}

/** Reads and writes commands. */
function commands(): SequenceProtocol<Uint8Array[], RespCommand> {
  const first = part(uint8);
  const head = line(MAX_LINE);
  const rest = part({
    framer: lines({ strict: true }),
    codec: latin1,
    maxFrameLength: MAX_LINE,
  });
  return sequence<Uint8Array[], RespCommand>({
    *read() {
      const start = yield* first;
      if (start === LF) return [];
      if (start !== STAR) return inlineWords(String.fromCharCode(start) + (yield* rest));
      const digits = yield* head;
      const count = digits === "-1" ? 0 : lengthIn(digits);
      if (count > MAX_ARGUMENTS) throw new MalformedFrameError(`command of ${count} arguments`);
      const words: Uint8Array[] = [];
      while (words.length < count) {
        const size = yield* head;
        if (!size.startsWith("$")) throw new MalformedFrameError("argument is not a bulk string");
        words.push(yield* block(lengthIn(size.slice(1))));
      }
      return words;
    },
    write(command, output) {
      if (command.length === 0) throw new TypeError("Cannot write command: it is empty");
      writeLine(`*${command.length}`, output);
      for (const word of command) {
        const bytes = typeof word === "object" ? word : utf8(`${word}`);
        writeLine(`$${bytes.length}`, output);
        writeBlock(bytes, output);
      }
    },
    maxFrameLength: MAX_LENGTH,
  });
}
