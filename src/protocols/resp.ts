import type { ByteWriter } from "../bytes/byte_writer.ts";
import { isBytes } from "../bytes/is_bytes.ts";
import { reading } from "../codecs/reading.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import { lines } from "../framers/lines.ts";
import type { Protocol } from "../protocol.ts";
import { latin1 } from "./latin1.ts";
import { ARRAY, respFramer } from "./resp_framer.ts";
import { inlineWords } from "./resp_inline.ts";
import { decodeRespValue, type RespValue } from "./resp_values.ts";
import { writeRespValue } from "./resp_writing.ts";
import { protocolOfSide } from "./sides.ts";
import { utf8, writeBlock, writeLine } from "./text_parts.ts";

/** A command for Redis: its name and its arguments. */
export type RespCommand = readonly (string | number | bigint | Uint8Array)[];

/** Maximum length of a message in bytes. */
const MAX_LENGTH = 64 * 2 ** 20;
const inline = /* @__PURE__ */ lines({ strict: true });

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
    {
      framer: commandFramer,
      codec: { ...reading(decodeCommand), ...writing(writeCommand) },
      maxFrameLength: MAX_LENGTH,
    },
    {
      framer: respFramer,
      codec: { ...reading(decodeRespValue), ...writing(writeRespValue) },
      maxFrameLength: MAX_LENGTH,
    },
  );
}

/** Reads commands: arrays, or lines. */
const commandFramer: Framer = {
  measure: (input) => (input.peek() === ARRAY ? respFramer : inline).measure(input),
  write: respFramer.write,
};

function decodeCommand(bytes: Uint8Array, start: number, end: number): Uint8Array[] {
  if (bytes[start] !== ARRAY) return inlineWords(latin1.decode(bytes.subarray(start, end)));
  const words = (decodeRespValue(bytes, start, end) ?? []) as Uint8Array[];
  if (words.every(isBytes)) return words;
  throw new MalformedFrameError("argument is not a bulk string");
}

function writeCommand(command: RespCommand, output: ByteWriter): void {
  if (!Array.isArray(command) || command.length === 0) {
    throw new TypeError("Cannot write command: expected an array with its name and arguments");
  }
  writeLine(`*${command.length}`, output);
  for (const word of command) {
    const bytes = isBytes(word) ? word : bytesOf(word);
    writeLine(`$${bytes.length}`, output);
    writeBlock(bytes, output);
  }
}

function bytesOf(word: string | number | bigint): Uint8Array {
  if (/^(?:string|number|bigint)$/.test(typeof word)) return utf8(`${word}`);
  throw new TypeError("Cannot write command: expected text, numbers and bytes");
}
