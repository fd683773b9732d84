/** Frames of STOMP 1.2: a command, headers, and a body that ends with a NUL, unless its length is announced. */
import {
  delimited,
  fixed,
  lines,
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  terminated,
  text,
} from "@framewright/framewright";

export interface Frame {
  /** Empty for a heartbeat. */
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const lf = lines({ strict: true });
const nul = delimited("\0");
const line = part({ framer: lf, codec: text(), maxFrameLength: 8192 });
const body = part(nul);
const empty = part(terminated(fixed(0), "\0"));
const encoder = new TextEncoder();

export const stomp: SequenceProtocol<Frame> = sequence<Frame>({
  *read() {
    const command = yield* line;
    const headers: Record<string, string> = {};
    if (command === "") return { command, headers, body: new Uint8Array(0) };
    for (let next; (next = yield* line) !== "";) {
      const [, name, value] = /^([^:]+):(.*)$/.exec(next) ?? [];
      if (name === undefined) throw new MalformedFrameError("no header");
      headers[name] ??= value!;
    }
    const length = headers["content-length"];
    if (length === undefined) return { command, headers, body: yield* body };
    if (!/^\d+$/.test(length)) throw new MalformedFrameError("no length");
    const bytes = yield* part(Number(length));
    yield* empty;
    return { command, headers, body: bytes };
  },
  write({ command, headers, body }, output) {
    lf.write(encoder.encode(command), output);
    if (command === "") return;
    const all = { ...headers, "content-length": `${body.length}` };
    for (const [name, value] of Object.entries(all)) {
      lf.write(encoder.encode(`${name}:${value}`), output);
    }
    output.write(encoder.encode("\n"));
    output.write(body);
    output.write(encoder.encode("\0"));
  },
});
