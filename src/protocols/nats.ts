import { NOTHING } from "../bytes/nothing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { sequence } from "../sequences/sequence.ts";
import { part } from "../sequences/part.ts";
import { block, lengthIn, line, writeBlock, writeLine } from "./text_parts.ts";

/** A message that a NATS server delivers. */
export interface NatsDelivery {
  /** Distinguishes the kinds of operations. */
  readonly type: "MSG";
  /** Subject. */
  readonly subject: string;
  /** Identifier of the subscription. */
  readonly sid: string;
  /** Subject for the answer; default: none. */
  readonly replyTo?: string;
  /** Headers, from `NATS/1.0` to the empty line; default: none. */
  readonly headers?: Uint8Array;
  /** Payload. */
  readonly payload: Uint8Array;
}

/** A message that a NATS client publishes. */
export interface NatsPublication {
  /** Distinguishes the kinds of operations. */
  readonly type: "PUB";
  /** Subject. */
  readonly subject: string;
  /** Subject for the answer; default: none. */
  readonly replyTo?: string;
  /** Headers, from `NATS/1.0` to the empty line; default: none. */
  readonly headers?: Uint8Array;
  /** Payload. */
  readonly payload: Uint8Array;
}

/** An operation of NATS that is one line. */
export interface NatsLine {
  /** Distinguishes the kinds of operations. */
  readonly type: "INFO" | "CONNECT" | "SUB" | "UNSUB" | "PING" | "PONG" | "+OK" | "-ERR";
  /** The rest of the line: JSON, a subject and its subscription, or an error; default: empty. */
  readonly text?: string;
}

/** An operation of NATS. */
export type NatsOperation = NatsDelivery | NatsPublication | NatsLine;

type Received = Required<NatsDelivery> | Required<NatsPublication> | Required<NatsLine>;

const LINES = /^(?:INFO|CONNECT|SUB|UNSUB|PING|PONG|\+OK|-ERR)$/;
/** Maximum length of a control line in bytes. */
const MAX_LINE = 65_536;

/**
 * NATS, for clients and servers: lines, some of which announce headers and a payload (NATS documentation, "Client
 * Protocol").
 *
 * ```text
 *   ┌─────────────────┬──────┬─────────┬─────────┬──────┐
 *   │ HPUB news 22 27 │ CRLF │ headers │ payload │ CRLF │   lengths of the headers, and of both
 *   └─────────────────┴──────┴─────────┴─────────┴──────┘
 *   ┌─────────────────┬──────┬─────────┬──────┐
 *   │ MSG news 9 5    │ CRLF │ payload │ CRLF │             without headers
 *   └─────────────────┴──────┴─────────┴──────┘
 * ```
 *
 * `HPUB` and `HMSG` are read as `PUB` and `MSG` with headers, and written for them. The default limits are 64 KiB
 * for a line, of which servers accept 4 KiB unless configured otherwise, and 8 MiB for a message, the most that NATS
 * recommends.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { nats } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(nats());
 * decoder.push(new TextEncoder().encode("MSG news 9 5\r\nhello\r\nPING\r\n"));
 * const message = decoder.read()!;
 * assert.ok(message.type === "MSG");
 * assert.equal(new TextDecoder().decode(message.payload), "hello");
 * assert.deepEqual(decoder.read(), { type: "PING", text: "" });
 * ```
 */
export function nats(): Protocol<
  Required<NatsDelivery> | Required<NatsPublication> | Required<NatsLine>,
  NatsOperation
> {
  const head = line(MAX_LINE);
  return sequence<Received, NatsOperation>({
    *read() {
      const text = yield* head;
      const [name = ""] = /^[^ \t]*/.exec(text) ?? [];
      const type = name.toUpperCase();
      const rest = text.slice(name.length).replace(/^[ \t]+/, "");
      if (LINES.test(type)) return { type: type as NatsLine["type"], text: rest };
      const headed = type[0] === "H";
      const kind = headed ? type.slice(1) : type;
      if (kind !== "MSG" && kind !== "PUB") throw new MalformedFrameError("operation is unknown");
      const words = rest === "" ? [] : rest.split(/[ \t]+/);
      if (words.at(-1) === "") words.pop();
      const total = lengthIn(words.pop());
      const before = headed ? lengthIn(words.pop()) : 0;
      if (before > total) throw new MalformedFrameError("headers are longer than the message");
      const [subject = "", second = "", third = ""] = words;
      const names = kind === "MSG" ? 2 : 1;
      if (words.length < names || words.length > names + 1) {
        throw new MalformedFrameError(`operation has ${words.length} names`);
      }
      const headers = headed ? yield* part(before) : NOTHING;
      const payload: Uint8Array = yield* block(total - before);
      return kind === "MSG"
        ? { type: kind, subject, sid: second, replyTo: third, headers, payload }
        : { type: kind, subject, replyTo: second, headers, payload };
    },
    write(operation, output) {
      if (operation.type !== "MSG" && operation.type !== "PUB") {
        const { type, text = "" } = operation;
        if (!LINES.test(type)) throw new TypeError(`Invalid type ${type} of operation`);
        return writeLine(text === "" ? type : `${type} ${text}`, output);
      }
      const { type, subject, replyTo = "", headers = NOTHING, payload } = operation;
      const names = type === "MSG" ? [subject, operation.sid] : [subject];
      if (replyTo !== "") names.push(replyTo);
      if (!names.every((name) => /^\S+$/.test(name))) {
        throw new TypeError("Cannot write operation: a name is empty or contains a space");
      }
      const headed = headers.length > 0;
      const lengths = headed ? `${headers.length} ` : "";
      const total = headers.length + payload.length;
      writeLine(`${headed ? "H" : ""}${type} ${names.join(" ")} ${lengths}${total}`, output);
      output.write(headers);
      writeBlock(payload, output);
    },
    maxFrameLength: 8 * 2 ** 20 + MAX_LINE,
  });
}
