import type { ByteWriter } from "../bytes/byte_writer.ts";
import { concat } from "../bytes/concat.ts";
import { indexOf } from "../bytes/index_of.ts";
import { writing } from "../codecs/writing.ts";
import type { Protocol } from "../protocol.ts";

const DOT = 0x2e;

/**
 * Mails and other texts that end with a line that is a dot: after DATA in SMTP, and in responses of POP3 and NNTP
 * (RFC 5321, section 4.5.2; RFC 1939, section 3; RFC 3977, section 3.1.1).
 *
 * ```text
 *   ┌──────┬──────┬─────┬──────┬──────┬─────┬──────┐
 *   │ line │ CRLF │ "." │ line │ CRLF │ "." │ CRLF │   a dot before a line that begins with a dot
 *   └──────┴──────┴─────┴──────┴──────┴─────┴──────┘
 * ```
 *
 * A message is bytes, whose last line ends with CRLF, or is empty. Only CRLF ends a line: a dot after LF alone is
 * text, so that no mail is smuggled in another one. A CR or LF alone is read as it is, but cannot be written,
 * since another program could read it as the end. A CRLF at the end is added if it is missing.
 *
 * The default limit is 32 MiB, which is more than most mail servers accept.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { dotStuffed } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(dotStuffed());
 * decoder.push(new TextEncoder().encode("Subject: dots\r\n\r\n..\r\n.\r\n"));
 * assert.equal(new TextDecoder().decode(decoder.read()), "Subject: dots\r\n\r\n.\r\n");
 * ```
 */
export function dotStuffed(): Protocol {
  const cr = Uint8Array.of(0x0d);
  const lf = Uint8Array.of(0x0a);
  const crlf = Uint8Array.of(0x0d, 0x0a);
  const end = Uint8Array.of(0x0d, 0x0a, DOT, 0x0d, 0x0a);
  const stuffed = Uint8Array.of(0x0d, 0x0a, DOT);

  function write(message: Uint8Array, output: ByteWriter): void {
    let from = 0;
    for (let at = 0; at < message.length;) {
      if (message[at] === DOT) {
        output.write(message.subarray(from, at));
        output.writeUint(DOT, 1);
        from = at;
      }
      const line = indexOf(message, lf, at);
      const bare = indexOf(message, cr, at);
      if (line < 0 ? bare >= 0 : bare < 0 || bare !== line - 1) {
        throw new TypeError("Cannot write message: it has a CR or LF that is not part of CRLF");
      }
      at = line < 0 ? message.length : line + 1;
    }
    output.write(message.subarray(from));
    if (message.length > 0 && message[message.length - 1] !== 0x0a) output.write(crlf);
    output.writeUint(DOT, 1);
    output.write(crlf);
  }

  return {
    framer: {
      measure(input) {
        if (input.peek() === DOT) {
          if (input.length < 3) return undefined;
          if (input.peek(1) === 0x0d && input.peek(2) === 0x0a) {
            input.drop(3);
            return 0;
          }
        }
        const at = input.find(end);
        if (at === undefined) return undefined;
        input.drop(3);
        return at + 2;
      },
      write,
    },
    codec: {
      decode(frame) {
        const pieces: Uint8Array[] = [];
        let from = frame[0] === DOT ? 1 : 0;
        for (let at = -3; (at = indexOf(frame, stuffed, at + 3)) >= 0;) {
          pieces.push(frame.subarray(from, at + 2));
          from = at + 3;
        }
        if (pieces.length === 0) return frame.subarray(from);
        pieces.push(frame.subarray(from));
        return concat(pieces);
      },
      ...writing(write),
    },
    maxFrameLength: 32 * 2 ** 20,
  };
}
