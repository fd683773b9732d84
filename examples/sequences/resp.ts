/** RESP 2 and 3, the protocol of Redis: values inside of values. */
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

export type Value = string | number | bigint | boolean | null | Uint8Array | Value[] | Reply;
/** A value that has a type of its own: error `-`, push `>`, map `%`, set `~`, attribute `|`, and others. */
export type Reply = { readonly type: string; readonly value: Value };

const crlf = delimited("\r\n");
const line = part({ framer: crlf, codec: text(), maxFrameLength: 65_536 });
const trailer = part(terminated(fixed(0), "\r\n"));
const encoder = new TextEncoder();

export const resp: SequenceProtocol<Value> = sequence<Value>({
  *read() {
    const head = yield* line;
    const [type, rest] = [head.charAt(0), head.slice(1)];
    if (type === "+") return rest;
    if (type === "_" || rest === "-1" && "$*".includes(type)) return null;
    if (type === "#") return rest === "t";
    if (type === ",") return Number(rest.replace("inf", "Infinity"));
    if (type === "-") return { type, value: rest };
    if (!/^[+-]?\d+$/.test(rest)) throw new MalformedFrameError("no number");
    if (type === ":" || type === "(") return BigInt(rest);
    const size = Number(rest);
    if (size < 0 || !"$!=*>~%|".includes(type)) throw new MalformedFrameError("unknown type");
    if ("$!=".includes(type)) {
      const bytes = yield* part(size);
      yield* trailer;
      return type === "$" ? bytes : { type, value: bytes };
    }
    const values: Value[] = [];
    for (const count = "%|".includes(type) ? size * 2 : size; values.length < count;) {
      values.push(yield* part(resp));
    }
    return type === "*" ? values : { type, value: values };
  },
  write(command, output) {
    const values = command as readonly string[];
    crlf.write(encoder.encode(`*${values.length}`), output);
    for (const value of values) {
      const bytes = encoder.encode(value);
      crlf.write(encoder.encode(`$${bytes.length}`), output);
      output.write(bytes);
      crlf.write(new Uint8Array(0), output);
    }
  },
});
