/** Replies of several lines: SMTP (RFC 5321, 4.2.1) and FTP (RFC 959, 4.2). */
import {
  delimited,
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  text,
} from "@framewright/framewright";

export type Reply = { readonly code: number; readonly lines: readonly string[] };

const line = part({ framer: delimited("\r\n"), codec: text(), maxFrameLength: 2000 });

/** Every line begins with the code. A hyphen after it means that another line follows. */
export const smtpReplies: SequenceProtocol<Reply, never> = sequence<Reply, never>({
  *read() {
    const lines: string[] = [];
    for (let code: string | undefined;;) {
      const [, digits, more, rest] = /^([2-5]\d\d)(?:([- ])(.*))?$/.exec(yield* line) ?? [];
      if (digits === undefined || digits !== (code ??= digits)) {
        throw new MalformedFrameError("no reply code");
      }
      lines.push(rest ?? "");
      if (more !== "-") return { code: Number(code), lines };
    }
  },
});

/** Only the first and the last line begin with the code. */
export const ftpReplies: SequenceProtocol<Reply, never> = sequence<Reply, never>({
  *read() {
    const first = yield* line;
    const [, code, more] = /^([1-6]\d\d)([- ]|$)/.exec(first) ?? [];
    if (code === undefined) throw new MalformedFrameError("no reply code");
    const lines = [first.slice(4)];
    while (more === "-") {
      const next = yield* line;
      const last = next.startsWith(`${code} `);
      lines.push(last ? next.slice(4) : next);
      if (last) break;
    }
    return { code: Number(code), lines };
  },
});
