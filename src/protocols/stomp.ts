import { NOTHING } from "../bytes/nothing.ts";
import { text } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import { delimited } from "../framers/delimited.ts";
import { fixed } from "../framers/fixed.ts";
import { lines } from "../framers/lines.ts";
import { terminated } from "../framers/terminated.ts";
import type { Protocol } from "../protocol.ts";
import { type Part, part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import { lengthIn, utf8 } from "./text_parts.ts";

/** A frame of STOMP. */
export interface StompFrame {
  /** Command: `"SEND"`, `"MESSAGE"`. */
  readonly command: string;
  /** Headers; default: none. Only the first one of a name is read. */
  readonly headers?: ReadonlyMap<string, string>;
  /** Body; default: empty. */
  readonly body?: Uint8Array;
}

/** Maximum length of a line in bytes. */
const MAX_LINE = 65_536;
const ESCAPES: { readonly [letter: string]: string } = { r: "\r", n: "\n", c: ":", "\\": "\\" };
const ESCAPED = /[\r\n:\\]/g;

/**
 * STOMP 1.1 and 1.2, for clients and servers (STOMP 1.2, "STOMP Frames").
 *
 * ```text
 *   ┌─────────┬────┬──────────────┬────┬────┬──────┬─────┐
 *   │ command │ LF │ header:value │ LF │ LF │ body │ NUL │   lines may end with CRLF
 *   └─────────┴────┴──────────────┴────┴────┴──────┴─────┘
 *                    0 or more
 *   ┌────┐
 *   │ LF │   heartbeat
 *   └────┘
 * ```
 *
 * A body ends with NUL, unless `content-length` says how long it is. That header is added for a body that contains
 * NUL; some brokers take any other body that has it as binary. Servers also send line ends after frames: each is read
 * as `"heartbeat"`. The default limits are 64 KiB a line and 16 MiB a frame; STOMP lets servers choose their own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { stomp } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(stomp());
 * decoder.push(new TextEncoder().encode("RECEIPT\nreceipt-id:a\\cb\n\n\0\n"));
 * const [receipt, heartbeat] = decoder.readAll();
 * assert.ok(typeof receipt === "object");
 * assert.equal(receipt.headers.get("receipt-id"), "a:b");
 * assert.equal(heartbeat, "heartbeat");
 * ```
 */
export function stomp(): Protocol<Required<StompFrame> | "heartbeat", StompFrame | "heartbeat"> {
  const line = part({
    framer: lines({ strict: true }),
    codec: text(),
    maxFrameLength: MAX_LINE,
  });
  const body = part(delimited("\0"));
  const empty = part(terminated(fixed(0), "\0"));

  function* bodyOf(length: string | undefined): Generator<Part, Uint8Array, unknown> {
    if (length === undefined) return yield* body;
    const bytes = yield* part(lengthIn(length));
    yield* empty;
    return bytes;
  }

  return sequence<Required<StompFrame> | "heartbeat", StompFrame | "heartbeat">({
    *read() {
      const command = yield* line;
      if (command === "") return "heartbeat";
      // CONNECT and CONNECTED are as in STOMP 1.0, which has no escapes.
      const plain = command.startsWith("CONNECT");
      const headers = new Map<string, string>();
      for (let next; (next = yield* line) !== "";) {
        const colon = next.indexOf(":");
        if (colon < 1) throw new MalformedFrameError("header has no name or no colon");
        const [name, value] = [next.slice(0, colon), next.slice(colon + 1)].map(
          (one) => plain ? one : unescaped(one),
        ) as [string, string];
        if (!headers.has(name)) headers.set(name, value);
      }
      return { command, headers, body: yield* bodyOf(headers.get("content-length")) };
    },
    write(message, output) {
      if (message === "heartbeat") return output.writeUint(0x0a, 1);
      const { command, headers = new Map<string, string>(), body = NOTHING } = message;
      if (!/^[A-Z]+$/.test(command)) {
        throw new TypeError("Invalid command: expected capital letters");
      }
      const plain = command.startsWith("CONNECT");
      const given = headers.get("content-length");
      if (given !== undefined && given !== `${body.length}`) {
        throw new TypeError(`Cannot write frame: content-length is not ${body.length}`);
      }
      let head = `${command}\n`;
      for (const [name, value] of headers) {
        if (name === "" || plain && (/[\r\n]/.test(name + value) || name.includes(":"))) {
          throw new TypeError("Cannot write frame: a header is invalid");
        }
        head += plain ? `${name}:${value}\n` : `${escaped(name)}:${escaped(value)}\n`;
      }
      if (given === undefined && body.includes(0)) head += `content-length:${body.length}\n`;
      output.write(utf8(`${head}\n`));
      output.write(body);
      output.writeUint(0, 1);
    },
    maxFrameLength: 16 * 2 ** 20,
  });
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.?)/gs, (_, letter: string) => {
    const character = ESCAPES[letter];
    if (character === undefined) throw new MalformedFrameError("header has an unknown escape");
    return character;
  });
}

function escaped(text: string): string {
  return text.replace(ESCAPED, (character) => {
    const [letter] = Object.entries(ESCAPES).find(([, one]) => one === character)!;
    return `\\${letter}`;
  });
}
