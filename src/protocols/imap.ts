import type { Protocol } from "../protocol.ts";
import { part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import { lengthIn, line, writeLine } from "./text_parts.ts";

/** A command or response of IMAP: text, and literals and text in turn, `[text, literal, text, …]`. */
export type ImapMessage = readonly (string | Uint8Array)[];

/** The options of {@link imap}. */
export interface ImapOptions {
  /**
   * Called by a server's protocol when a client waits for permission to send a literal of `size` bytes: send
   * `["+ OK"]`. Such a protocol belongs to one connection.
   */
  readonly proceed?: (size: number) => void;
}

/** A response whose text is for people and may end like a literal, except inside of a response code. */
const STATUS = /^(?:\S+ (?:OK|NO|BAD|BYE|PREAUTH) (?!\[[^\]]*$)|\+ )/i;
const LITERAL = /\{(\d+)(\+?)\}$/;

/**
 * IMAP, for clients and servers: commands and responses are lines with literals (RFC 9051, sections 2.2 and 4.3;
 * RFC 7888).
 *
 * ```text
 *   ┌───────────────────┬──────┬───────┬───────┬──────┐
 *   │ a1 LOGIN user {6} │ CRLF │ bytes │ text  │ CRLF │   {6} announces 6 bytes
 *   └───────────────────┴──────┴───────┴───────┴──────┘
 * ```
 *
 * Text keeps the announcement of the literal after it, `{n}`, `{n+}` or `~{n}`, and lacks CRLF. A whole message
 * is written at once: a client announces its literals by `{n+}` if the server supports LITERAL+ or LITERAL-.
 * Bytes in text that are not UTF-8 are replaced by U+FFFD.
 *
 * The default limit is 64 MiB for a message with all of its literals, which are whole mails.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { imap } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(imap());
 * decoder.push(new TextEncoder().encode("* 1 FETCH (BODY[] {4}\r\nmail)\r\na1 OK done\r\n"));
 * const mail = new TextEncoder().encode("mail");
 * assert.deepEqual([...decoder], [["* 1 FETCH (BODY[] {4}", mail, ")"], ["a1 OK done"]]);
 * ```
 */
export function imap({ proceed }: ImapOptions = {}): Protocol<ImapMessage> {
  const next = line(Infinity);
  return sequence<ImapMessage>({
    *read() {
      const parts: (string | Uint8Array)[] = [];
      for (;;) {
        const text = yield* next;
        parts.push(text);
        const literal = literalAfter(text, parts.length === 1);
        if (literal === null) return parts;
        const size = lengthIn(literal[1]);
        const bytes = part(size);
        if (literal[2] === "") proceed?.(size);
        parts.push(yield* bytes);
      }
    },
    write(parts, output) {
      for (const [index, one] of parts.entries()) {
        const text = index % 2 === 0;
        if (text !== (typeof one === "string")) {
          throw new TypeError("Cannot write message: expected text and literals in turn");
        }
        if (typeof one !== "string") {
          output.write(one);
          continue;
        }
        const size = literalAfter(one, index === 0)?.[1];
        const literal = parts[index + 1];
        if (literal === undefined ? size !== undefined : Number(size) !== literal.length) {
          throw new TypeError("Cannot write message: {n} and the literal after it differ");
        }
        writeLine(one, output);
      }
      if (parts.length % 2 === 0) {
        throw new TypeError("Cannot write message: it does not end with text");
      }
    },
    maxFrameLength: 64 * 2 ** 20,
  });
}

/** Returns the announcement of a literal at the end of a line. */
function literalAfter(text: string, first: boolean): RegExpExecArray | null {
  return first && STATUS.test(text) ? null : LITERAL.exec(text);
}
