/** Commands and responses of IMAP (RFC 9051): lines with literals, whose length ends the line before. */
import { delimited, part, sequence, type SequenceProtocol, text } from "@framewright/framewright";

/** Text, then a literal and text in turn. */
export type Command = readonly (string | Uint8Array)[];

const crlf = delimited("\r\n");
const line = part({ framer: crlf, codec: text(), maxFrameLength: 8192 });
const encoder = new TextEncoder();

/**
 * @param proceed Called when a client waits for permission to send a literal: send `+ OK`. A server's protocol
 * is therefore made for each connection.
 */
export function imap(proceed: (size: number) => void = () => {}): SequenceProtocol<Command> {
  return sequence<Command>({
    *read() {
      const parts: (string | Uint8Array)[] = [];
      for (;;) {
        const text = yield* line;
        parts.push(text);
        const literal = /\{(\d{1,10})(\+?)\}$/.exec(text);
        if (literal === null) return parts;
        const size = Number(literal[1]);
        if (literal[2] === "") proceed(size);
        parts.push(yield* part(size));
      }
    },
    write(parts, output) {
      for (const one of parts) {
        if (typeof one === "string") crlf.write(encoder.encode(one), output);
        else output.write(one);
      }
    },
  });
}
