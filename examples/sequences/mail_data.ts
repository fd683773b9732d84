/** A mail after SMTP's DATA (RFC 5321, 4.5.2), or after POP3's RETR: lines, up to a line with a dot alone. */
import { delimited, part, sequence, type SequenceProtocol, text } from "@framewright/framewright";

const crlf = delimited("\r\n");
const line = part({ framer: crlf, codec: text() });
const encoder = new TextEncoder();

/** A dot at the beginning of a line is doubled. */
export const mailData: SequenceProtocol<readonly string[]> = sequence<readonly string[]>({
  *read() {
    const lines: string[] = [];
    for (;;) {
      const next = yield* line;
      if (next === ".") return lines;
      lines.push(next.startsWith(".") ? next.slice(1) : next);
    }
  },
  write(lines, output) {
    for (const one of lines) crlf.write(encoder.encode(one.replace(/^\./, "..")), output);
    crlf.write(encoder.encode("."), output);
  },
  maxFrameLength: 32 * 2 ** 20,
});
