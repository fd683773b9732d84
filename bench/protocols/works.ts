import { concat } from "../../src/bytes/concat.ts";
import { FrameEncoder, type ProtocolParts } from "../../mod.ts";
import {
  dns,
  jsonRpc,
  type JsonRpcMessage,
  mqtt,
  mysql,
  ndjson,
  postgres,
  resp,
  sse,
} from "../../protocols.ts";
import type { Count, Tally } from "../support/tally.ts";

/** A stream of messages, for a ready-made protocol and the package that people use. */
export interface ProtocolWork {
  readonly name: string;
  readonly what: string;
  /** The package. */
  readonly rival: string;
  readonly protocol: () => ProtocolParts<unknown, never>;
  /** Returns what is counted of a message: its text or bytes. */
  readonly content: (message: never) => string | Uint8Array;
  readonly chunks: readonly Uint8Array[];
  readonly expected: Tally;
}

const MESSAGES = 5000;
/** Length of a chunk in bytes, as sockets deliver them. */
const CHUNK = 65_536;
const text = "0123456789".repeat(10);
const bytes: Uint8Array = new TextEncoder().encode(text);
const value = { id: 1, name: text };
const json: string = JSON.stringify(value);

/** A row with one field, in PostgreSQL's format. */
const row: Uint8Array = concat([Uint8Array.of(0, 1, 0, 0, 0, 100), bytes]);
/** A response with a question for `a.example`. */
const dnsMessage: Uint8Array = concat([
  Uint8Array.of(0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0),
  Uint8Array.of(1, 0x61, 7, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0, 0, 1, 0, 1),
]);

/** Adds what was found in a message. */
export function add(count: Count, content: string | Uint8Array): void {
  count.frames++;
  count.lengths += content.length;
}

/** All of them. */
export const works: readonly ProtocolWork[] = [
  workOf("resp", "bulk strings of 100 bytes", "redis-parser", {
    protocol: resp,
    bytes: new TextEncoder().encode(`$100\r\n${text}\r\n`),
    content: (message: Uint8Array) => message,
  }),
  workOf("resp arrays", "arrays of 10 short strings", "redis-parser", {
    protocol: resp,
    bytes: new TextEncoder().encode(`*10\r\n${"$5\r\nhello\r\n".repeat(10)}`),
    content: (message: Uint8Array[]) => message[9]!,
  }),
  workOf("mqtt", "PUBLISH with 100 bytes", "mqtt-packet", {
    protocol: mqtt,
    bytes: written(mqtt(), { type: "publish", topic: "lamp/state", payload: bytes }),
    content: (message: { payload: Uint8Array }) => message.payload,
  }),
  workOf("postgres", "rows with a field of 100 bytes", "pg-protocol", {
    protocol: postgres,
    bytes: written(postgres(), { type: "D", body: row }),
    content: () => bytes,
  }),
  workOf("sse", "events with 100 characters", "eventsource-parser", {
    protocol: sse,
    bytes: new TextEncoder().encode(`data: ${text}\n\n`),
    content: (message: { data: string }) => message.data,
  }),
  workOf("jsonRpc", "requests with 100 characters", "vscode-jsonrpc", {
    protocol: jsonRpc,
    bytes: written(
      jsonRpc(),
      { jsonrpc: "2.0", method: "a", params: { text } } satisfies JsonRpcMessage,
    ),
    content: (message: { params: { text: string } }) => message.params.text,
  }),
  workOf("ndjson", "objects with 100 characters", "split2", {
    protocol: ndjson,
    bytes: new TextEncoder().encode(`${json}\n`),
    content: (message: { name: string }) => message.name,
  }),
  workOf("dns", "responses with a question", "dns-packet", {
    protocol: dns,
    bytes: written(dns(), { data: dnsMessage }),
    content: () => dnsMessage,
  }),
  workOf("mysql", "packets of 100 bytes", "mysql2", {
    protocol: mysql,
    bytes: written(mysql(), { sequence: 0, payload: bytes }),
    content: (message: { payload: Uint8Array }) => message.payload,
  }),
];

function written<Out>(protocol: ProtocolParts<unknown, Out>, message: Out): Uint8Array {
  const encoder = new FrameEncoder(protocol as ProtocolParts<unknown, unknown>);
  encoder.write(message);
  return concat(encoder.drain());
}

function workOf<Message>(
  name: string,
  what: string,
  rival: string,
  { protocol, bytes, content }: {
    readonly protocol: () => unknown;
    readonly bytes: Uint8Array;
    readonly content: (message: Message) => string | Uint8Array;
  },
): ProtocolWork {
  const stream = concat(Array.from({ length: MESSAGES }, () => bytes));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += CHUNK) chunks.push(stream.slice(at, at + CHUNK));
  const one = name === "resp arrays" ? 5 : name === "dns" ? dnsMessage.length : 100;
  return {
    name,
    what,
    rival,
    protocol: protocol as () => ProtocolParts<unknown, never>,
    content: content as (message: never) => string | Uint8Array,
    chunks,
    expected: { frames: MESSAGES, lengths: MESSAGES * one, firsts: 0 },
  };
}
