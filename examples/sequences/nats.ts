/** The protocol of NATS: control lines, some of which announce headers and a payload. */
import {
  delimited,
  fixed,
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  terminated,
  text,
} from "@framewright/framewright";

export interface Operation {
  /** The words of the control line. */
  readonly words: readonly string[];
  readonly headers?: Uint8Array;
  readonly payload?: Uint8Array;
}

const crlf = delimited("\r\n");
const line = part({ framer: crlf, codec: text(), maxFrameLength: 4096 });
const empty = part(terminated(fixed(0), "\r\n"));
const encoder = new TextEncoder();

export const nats: SequenceProtocol<Operation> = sequence<Operation>({
  *read() {
    const words = (yield* line).split(/[ \t]+/);
    const name = words[0]!.toUpperCase();
    const headed = name === "HMSG" || name === "HPUB";
    if (!headed && name !== "MSG" && name !== "PUB") return { words };
    const [head, total] = headed ? [words.at(-2)!, words.at(-1)!] : ["0", words.at(-1)!];
    if (!/^\d+ \d+$/.test(`${head} ${total}`)) {
      throw new MalformedFrameError("no length");
    }
    const rest = part(Number(total) - Number(head));
    const headers = yield* part(Number(head));
    const payload = yield* rest;
    yield* empty;
    return headed ? { words, headers, payload } : { words, payload };
  },
  write({ words, headers, payload }, output) {
    crlf.write(encoder.encode(words.join(" ")), output);
    if (headers !== undefined) output.write(headers);
    if (payload === undefined) return;
    output.write(payload);
    output.write(encoder.encode("\r\n"));
  },
});
