import { compose } from "../codecs/compose.ts";
import { json } from "../codecs/json.ts";
import { contentLength } from "../framers/content_length.ts";
import type { Protocol } from "../protocol.ts";

/** A request to a debug adapter, or from one. */
export interface DapRequest {
  /** Its number, counted from 1 by each side. */
  readonly seq: number;
  /** Distinguishes the kinds of messages. */
  readonly type: "request";
  /** Name of the command. */
  readonly command: string;
  /** The arguments of the command. */
  readonly arguments?: unknown;
}

/** The response to a request. */
export interface DapResponse {
  /** Its number, counted from 1 by each side. */
  readonly seq: number;
  /** Distinguishes the kinds of messages. */
  readonly type: "response";
  /** `seq` of the request. */
  readonly request_seq: number;
  /** Whether the request succeeded. */
  readonly success: boolean;
  /** Name of the request's command. */
  readonly command: string;
  /** Why the request failed, for example `"cancelled"`. */
  readonly message?: string;
  /** The result, or details of the error. */
  readonly body?: unknown;
}

/** An event, which gets no response. */
export interface DapEvent {
  /** Its number, counted from 1 by each side. */
  readonly seq: number;
  /** Distinguishes the kinds of messages. */
  readonly type: "event";
  /** Name of the event. */
  readonly event: string;
  /** Details of the event. */
  readonly body?: unknown;
}

/** A message of the Debug Adapter Protocol. */
export type DapMessage = DapRequest | DapResponse | DapEvent;

/**
 * The Debug Adapter Protocol ("Base Protocol" and "ProtocolMessage"): the framing of {@link jsonRpc}, with
 * messages of its own.
 *
 * ```text
 *   ┌──────────────────────┬──────┬──────────────────────────────────────────┐
 *   │ Content-Length: 40 … │ CRLF │ {"seq":1,"type":"request","command":"…"} │
 *   └──────────────────────┴──────┴──────────────────────────────────────────┘
 * ```
 *
 * JSON that is not such a message is a {@link CodecError}, and the next one can be read. The default limit is
 * 64 MiB: whole sources and blocks of memory are sent.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { dap } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(dap());
 * const event = { seq: 1, type: "event", event: "exited" };
 * const text = JSON.stringify(event);
 * decoder.push(new TextEncoder().encode(`Content-Length: ${text.length}\r\n\r\n${text}`));
 * assert.deepEqual(decoder.read(), event);
 * ```
 */
export function dap(): Protocol<DapMessage> {
  return {
    framer: contentLength(),
    codec: compose(json<unknown, DapMessage>(), { decode: checked, encode: checked }),
    maxFrameLength: 64 * 2 ** 20,
  };
}

/** Returns a value that is a message. */
function checked(value: unknown): DapMessage {
  const { seq, type, command, request_seq, success, event } = (value ?? {}) as Partial<
    Record<string, unknown>
  >;
  const valid = typeof seq === "number" &&
    (type === "event" ? typeof event === "string" : typeof command === "string" &&
      (type === "request" ||
        type === "response" && typeof request_seq === "number" && typeof success === "boolean"));
  if (valid) return value as DapMessage;
  throw new TypeError("Invalid DAP message: expected a request, response or event");
}
