import { MalformedFrameError } from "../errors.ts";
import type { Protocol, ProtocolParts } from "../protocol.ts";
import { sequence, type SequenceProtocol } from "../sequences/sequence.ts";
import { protocolOfSide } from "./sides.ts";
import { line, writeLine } from "./text_parts.ts";

/** A reply of SMTP or FTP. */
export interface CodedReply {
  /** Code of three digits; the first one says whether the command has succeeded. */
  readonly code: number;
  /** Text of each line, without the code, which some servers of FTP repeat. */
  readonly lines: readonly string[];
}

/** Whose rule for replies of several lines applies. */
type Style = "smtp" | "ftp";

/** Maximum length of a line in bytes. */
const MAX_LINE = 12_288;

/**
 * Commands and replies of SMTP (RFC 5321, sections 4.1.1 and 4.2.1) and FTP (RFC 959, section 4.2). A command is
 * a line; the replies differ in which lines repeat the code.
 *
 * ```text
 *   SMTP                       FTP
 *   ┌─────┬───┬──────┬──────┐  ┌─────┬───┬──────┬──────┐
 *   │ 250 │ - │ text │ CRLF │  │ 211 │ - │ text │ CRLF │
 *   │ 250 │ - │ text │ CRLF │  │ any text       │ CRLF │
 *   │ 250 │   │ text │ CRLF │  │ 211 │   │ text │ CRLF │
 *   └─────┴───┴──────┴──────┘  └─────┴───┴──────┴──────┘
 * ```
 *
 * A client, the default side, reads replies and writes commands. Bytes that are not UTF-8 are replaced by
 * U+FFFD. After DATA, the client sends one message of {@link dotStuffed}. The default limits are 12,288 bytes a
 * line, that of AUTH in SMTP (RFC 4954, section 4), and 1 MiB a reply, that of every protocol.
 *
 * @param options `style`: `"smtp"`, the default, also for LMTP; or `"ftp"`. `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`, or `style` is unknown.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { replies } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(replies());
 * decoder.push(new TextEncoder().encode("250-mx.example\r\n250 STARTTLS\r\n"));
 * assert.deepEqual(decoder.read(), { code: 250, lines: ["mx.example", "STARTTLS"] });
 * ```
 */
export function replies(
  options?: { readonly style?: "smtp" | "ftp"; readonly side?: "client" },
): Protocol<CodedReply, string>;
/** The server's side: reads commands and writes replies. */
export function replies(
  options: { readonly style?: "smtp" | "ftp"; readonly side: "server" },
): Protocol<string, CodedReply>;
export function replies(
  options: { readonly style?: "smtp" | "ftp"; readonly side?: "client" | "server" } = {},
): Protocol<CodedReply, string> | Protocol<string, CodedReply> {
  const { style = "smtp", side = "client" } = options;
  if (style !== "smtp" && style !== "ftp") {
    throw new RangeError(`Invalid style ${style}: expected "smtp" or "ftp"`);
  }
  const command = line(MAX_LINE);
  const commands: ProtocolParts<string> = sequence<string>({
    *read() {
      return yield* command;
    },
    write: writeLine,
  });
  return protocolOfSide<string, CodedReply>(side, commands, repliesOf(style));
}

/** Reads and writes replies. */
function repliesOf(style: Style): SequenceProtocol<CodedReply> {
  const next = line(MAX_LINE);
  const coded = style === "smtp";
  const first = coded ? /^([2-5]\d\d)(?:([- ])|$)/ : /^([1-6]\d\d)(?:([- ])|$)/;
  return sequence<CodedReply>({
    *read() {
      const head = yield* next;
      const [, code, mark] = first.exec(head) ?? [];
      if (code === undefined) throw new MalformedFrameError("line does not begin with a code");
      const lines = [head.slice(4)];
      for (let more = mark === "-"; more;) {
        const text = yield* next;
        const same = text.startsWith(code);
        more = coded ? text[3] === "-" : !(same && text[3] === " ");
        if (coded && !(same && /^(?:[- ]|$)/.test(text.slice(3)))) {
          throw new MalformedFrameError("line does not repeat the code of the reply");
        }
        // Servers of FTP may repeat the code, too.
        const bare = !coded && more && !text.startsWith(`${code}-`);
        lines.push(bare ? text : text.slice(4));
      }
      return { code: Number(code), lines };
    },
    write({ code, lines }, output) {
      if (lines.length === 0 || !first.test(`${code}`)) {
        throw new TypeError(`Cannot write reply ${code} of ${lines.length} lines`);
      }
      for (const [index, text] of lines.entries()) {
        const last = index === lines.length - 1;
        if (last) writeLine(`${code} ${text}`, output);
        else if (coded || index === 0) writeLine(`${code}-${text}`, output);
        // A line that could be taken for the last one is indented (RFC 959, 4.2).
        else writeLine(/^\d{3}/.test(text) ? ` ${text}` : text, output);
      }
    },
  });
}
