/** memcached's text protocol: commands with a data block, and replies of several lines with data blocks. */
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

/** A line and the data after it. */
export type Item = { readonly line: string; readonly data?: Uint8Array };

const crlf = delimited("\r\n");
const line = part({ framer: crlf, codec: text(), maxFrameLength: 2048 });
const empty = part(terminated(fixed(0), "\r\n"));
const encoder = new TextEncoder();

/** What a client sends: `set key flags expiry length` and the data, or a line alone. */
export const memcachedCommands: SequenceProtocol<Item> = sequence<Item>({
  *read() {
    return yield* item(/^(?:set|add|replace|append|prepend|cas) /, 4);
  },
  write: writeItem,
});

/** What a server sends: items `VALUE key flags length` or `STAT`, up to `END`, or a line alone. */
export const memcachedReplies: SequenceProtocol<readonly Item[]> = sequence<readonly Item[]>({
  *read() {
    const items: Item[] = [];
    for (;;) {
      const next = yield* item(/^VALUE /, 3);
      items.push(next);
      if (!/^(?:VALUE|STAT) /.test(next.line)) return items;
    }
  },
  write: (items, output) => items.forEach((one) => writeItem(one, output)),
});

/** Reads a line, and its data if it has some: the word at `index` is their length. */
function* item(hasData: RegExp, index: number) {
  const head = yield* line;
  if (!hasData.test(head)) return { line: head };
  const length = head.split(" ")[index];
  if (length === undefined || !/^\d+$/.test(length)) throw new MalformedFrameError("no length");
  const data = yield* part(Number(length));
  yield* empty;
  return { line: head, data };
}

function writeItem({ line, data }: Item, output: Parameters<typeof crlf.write>[1]): void {
  crlf.write(encoder.encode(line), output);
  if (data === undefined) return;
  output.write(data);
  output.write(encoder.encode("\r\n"));
}
