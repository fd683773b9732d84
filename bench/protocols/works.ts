import { concat } from "../../src/bytes/concat.ts";
import { FrameEncoder, type ProtocolParts } from "../../mod.ts";
import { dns, jsonRpc, mqtt, mysql, ndjson, postgres, resp, sse } from "../../protocols.ts";
import type { Tally } from "../support/tally.ts";

/** A stream of messages, for a ready-made protocol and the packages that people use. */
export interface ProtocolWork {
  readonly name: string;
  readonly what: string;
  /** The packages. */
  readonly rivals: readonly string[];
  readonly protocol: () => ProtocolParts<unknown, never>;
  /** Returns the length of the text in a message, as this library or a package reads it. */
  readonly size: (message: never) => number;
  readonly chunks: readonly Uint8Array[];
  readonly expected: Tally;
}

/** The messages of a stream, and the chunks in which they arrive. */
export interface Shape {
  readonly name: string;
  readonly what: string;
  /** Number of messages. */
  readonly messages: number;
  /** Length of the text in each message. */
  readonly length: number;
  /** Lengths of the chunks in bytes, in turn. */
  readonly chunks: readonly number[];
}

/** The shapes of all streams. */
export const shapes: readonly Shape[] = [
  {
    name: "small",
    what: "messages with 100 bytes of text, in chunks of 64 KiB",
    messages: 5000,
    length: 100,
    chunks: [65_536],
  },
  {
    name: "pieces",
    what: "messages with 100 bytes of text, in chunks of 16 to 64 bytes",
    messages: 5000,
    length: 100,
    chunks: [16, 64, 40, 23, 57, 31, 48],
  },
  {
    name: "large",
    what: "messages with 60,000 bytes of text, in chunks of 16 KiB",
    messages: 50,
    length: 60_000,
    chunks: [16_384],
  },
];

/** A ready-made protocol, and how its messages are made. */
interface Kind {
  readonly name: string;
  readonly what: string;
  readonly rivals: readonly string[];
  readonly protocol: () => unknown;
  /** Returns the bytes of a message that contains a text. */
  readonly bytes: (text: string) => Uint8Array;
  // deno-lint-ignore no-explicit-any
  readonly size: (message: any) => number;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

const kinds: readonly Kind[] = [
  {
    name: "resp",
    what: "bulk strings",
    rivals: ["redis-parser", "@redis/client"],
    protocol: resp,
    bytes: (text) => utf8(`$${text.length}\r\n${text}\r\n`),
    size: (string) => string.length,
  },
  {
    name: "resp arrays",
    what: "arrays of 10 bulk strings",
    rivals: ["redis-parser", "@redis/client"],
    protocol: resp,
    bytes(text) {
      const tenth = text.slice(0, text.length / 10);
      return utf8(`*10\r\n${`$${tenth.length}\r\n${tenth}\r\n`.repeat(10)}`);
    },
    size: (strings) => 10 * strings[9].length,
  },
  {
    name: "mqtt",
    what: "PUBLISH",
    rivals: ["mqtt-packet"],
    protocol: mqtt,
    bytes: (text) => written(mqtt(), { type: "publish", topic: "lamp/state", payload: utf8(text) }),
    size: ({ payload }) => payload.length,
  },
  {
    name: "postgres",
    what: "rows with a field",
    rivals: ["pg-protocol"],
    protocol: postgres,
    bytes(text) {
      const field = Uint8Array.of(0, 1, 0, 0, text.length >> 8, text.length & 0xff);
      return written(postgres(), { type: "D", body: concat([field, utf8(text)]) });
    },
    // The package decodes the field.
    size: ({ body, fields }) => fields?.[0].length ?? body.length - 6,
  },
  {
    name: "sse",
    what: "events",
    rivals: ["eventsource-parser"],
    protocol: sse,
    bytes: (data) => written(sse(), { data }),
    size: ({ data }) => data.length,
  },
  {
    name: "jsonRpc",
    what: "requests",
    rivals: ["vscode-jsonrpc"],
    protocol: jsonRpc,
    bytes: (text) => written(jsonRpc(), { jsonrpc: "2.0", method: "a", params: { text } }),
    size: ({ params }) => params.text.length,
  },
  {
    name: "ndjson",
    what: "objects",
    rivals: ["split2"],
    protocol: ndjson,
    bytes: (name) => written(ndjson(), { id: 1, name }),
    size: ({ name }) => name.length,
  },
  {
    name: "dns",
    what: "responses with a record",
    rivals: ["dns-packet"],
    protocol: dns,
    bytes: (text) => written(dns(), { data: response(utf8(text)) }),
    // The package decodes the record.
    size: ({ data, answers }) => answers?.[0].data.length ?? data.length - RESPONSE,
  },
  {
    name: "mysql",
    what: "packets",
    rivals: ["mysql2"],
    protocol: mysql,
    bytes: (text) => written(mysql(), { sequence: 0, payload: utf8(text) }),
    size: ({ payload }) => payload.length,
  },
];

/** Length of a response without the data of its record. */
const RESPONSE = 39;

/** Returns a response with a question for `a.example` and a NULL record. */
function response(data: Uint8Array): Uint8Array {
  return concat([
    Uint8Array.of(0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0),
    Uint8Array.of(1, 0x61, 7, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0, 0, 10, 0, 1),
    Uint8Array.of(0xc0, 12, 0, 10, 0, 1, 0, 0, 0, 9, data.length >> 8, data.length & 0xff),
    data,
  ]);
}

function written(protocol: unknown, message: unknown): Uint8Array {
  const encoder = new FrameEncoder(protocol as ProtocolParts<unknown, unknown>);
  encoder.write(message);
  return concat(encoder.drain());
}

/** All of them: named after a shape and a protocol, like `"small sse"`. */
export const works: readonly ProtocolWork[] = shapes.flatMap((shape) =>
  kinds.map((kind) => workOf(shape, kind))
);

function workOf(shape: Shape, { name, bytes, protocol, ...kind }: Kind): ProtocolWork {
  const { messages, length } = shape;
  const message = bytes("0123456789".repeat(length / 10));
  const stream = concat(Array.from({ length: messages }, () => message));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const end = at + shape.chunks[chunks.length % shape.chunks.length]!;
    chunks.push(stream.slice(at, end));
    at = end;
  }
  return {
    ...kind,
    name: `${shape.name} ${name}`,
    protocol: protocol as () => ProtocolParts<unknown, never>,
    chunks,
    expected: { frames: messages, lengths: messages * length, firsts: 0 },
  };
}
