/** Values of RESP 2 and 3, nested to any depth; the preset `resp` also has attributes, and is faster. */
import {
  delimited,
  fixed,
  MalformedFrameError,
  type Part,
  part,
  sequence,
  type SequenceProtocol,
  terminated,
  text,
} from "@framewright/framewright";

/** A map is a list of keys and values; a number that is no integer, and an error, are their texts. */
export type Value =
  | string
  | number
  | null
  | Uint8Array
  | { readonly type: string; readonly values: readonly Value[] }
  | { readonly type: string; readonly text: string };

const line = part({ framer: delimited("\r\n"), codec: text(), maxFrameLength: 65_536 });

export const resp: SequenceProtocol<Value, readonly string[]> = sequence({
  *read() {
    const head = yield* line;
    const [, type, digits] = /^([$=!*%~>])(-1|\d{1,9})$/.exec(head) ?? [];
    if (type === undefined) return simple(head);
    const count = Number(digits);
    if (count < 0) return null;
    if ("$=!".includes(type)) return yield* part(terminated(fixed(count), "\r\n"));
    const values: Value[] = [];
    for (let left = type === "%" ? 2 * count : count; left > 0; left--) values.push(yield* value);
    return { type, values };
  },
  write(command: readonly string[], output) {
    const words = command.map((word) => new TextEncoder().encode(word));
    delimited("\r\n").write(new TextEncoder().encode(`*${words.length}`), output);
    for (const word of words) {
      delimited("\r\n").write(new TextEncoder().encode(`$${word.length}`), output);
      terminated(fixed(word.length), "\r\n").write(word, output);
    }
  },
});

const value: Part<Value> = part(resp);

function simple(head: string): Value {
  const [type, rest] = [head.slice(0, 1), head.slice(1)];
  if (type === "+") return rest;
  if (type === "-" || type === "," || type === "(" || type === "#") return { type, text: rest };
  if (type === ":" && /^[+-]?\d{1,15}$/.test(rest)) return Number(rest);
  if (head === "_") return null;
  throw new MalformedFrameError("no value of RESP");
}
