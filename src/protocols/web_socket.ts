import { concat } from "../bytes/concat.ts";
import { NOTHING } from "../bytes/nothing.ts";
import type { Codec } from "../codecs/codec.ts";
import { text } from "../codecs/text.ts";
import { CodecError, MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { part } from "../sequences/part.ts";
import { sequence, type SequenceProtocol } from "../sequences/sequence.ts";
import { uint } from "./integers.ts";
import { protocolOfSide } from "./sides.ts";
import { framesOf, MAX_LENGTH, type WebSocketFrame } from "./web_socket_frames.ts";

/** A message of text. */
export interface WebSocketText {
  /** Distinguishes the kinds of messages. */
  readonly type: "text";
  /** The text. */
  readonly text: string;
  /** Pings and pongs that arrived between its fragments, before its end. */
  readonly controls?: readonly WebSocketControl[];
}

/** A message of bytes. */
export interface WebSocketBinary {
  /** Distinguishes the kinds of messages. */
  readonly type: "binary";
  /** The bytes. */
  readonly data: Uint8Array;
  /** Pings and pongs that arrived between its fragments, before its end. */
  readonly controls?: readonly WebSocketControl[];
}

/** A ping, which the peer answers by a pong with the same data. */
export interface WebSocketControl {
  /** Distinguishes the kinds of messages. */
  readonly type: "ping" | "pong";
  /** At most 125 bytes. */
  readonly data: Uint8Array;
}

/** The last message of a peer. It abandons a message that is not complete. */
export interface WebSocketClose {
  /** Distinguishes the kinds of messages. */
  readonly type: "close";
  /** Status code; default: none. */
  readonly code?: number;
  /** Reason, at most 123 bytes; default: empty. */
  readonly reason?: string;
}

/** A message of WebSocket. */
export type WebSocketMessage =
  | WebSocketText
  | WebSocketBinary
  | WebSocketControl
  | WebSocketClose;

/**
 * Messages of WebSocket after the opening handshake, whose fragments are joined (RFC 6455, sections 5.4 to 5.6).
 * See {@link webSocketFrames} for the frames, and for permessage-deflate.
 *
 * ```text
 *   ┌───────────────┬──────┬──────────────┬──────────────────────┐
 *   │ text, "Hel"   │ ping │ continuation │ continuation, "lo"   │   one message, and one in its `controls`
 *   └───────────────┴──────┴──────────────┴──────────────────────┘
 * ```
 *
 * A client, the default side, masks what it writes. Messages are written in one frame. Text that is not UTF-8 and
 * an invalid close are {@link CodecError}s; after the first, close with code 1007. WebSocket has no limit; the default
 * is 16 MiB a message with its frames, since it is kept in memory.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { webSocket } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(webSocket());
 * decoder.push(Uint8Array.of(0x01, 1, 0x68, 0x80, 1, 0x69)); // two fragments
 * assert.deepEqual(decoder.read(), { type: "text", text: "hi", controls: [] });
 * ```
 */
export function webSocket(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
): Protocol<WebSocketMessage> {
  return protocolOfSide(side, messagesOf(true), messagesOf(false));
}

/** Reads and writes messages whose frames are masked, or are not. */
function messagesOf(masked: boolean): SequenceProtocol<WebSocketMessage> {
  const frames = framesOf(masked);
  const next = part<Required<WebSocketFrame>>(frames);
  const strings = text();
  return sequence<WebSocketMessage>({
    *read() {
      const controls: WebSocketControl[] = [];
      const fragments: Uint8Array[] = [];
      let first: WebSocketFrame["type"] | undefined;
      for (;;) {
        const { type, final, compressed, data } = yield* next;
        if (compressed) throw new MalformedFrameError("compression was not negotiated");
        if (type === "close") return closeIn(data, strings);
        if (type === "ping" || type === "pong") {
          if (first === undefined) return { type, data };
          controls.push({ type, data });
          continue;
        }
        if ((type === "continuation") !== (first !== undefined)) {
          throw new MalformedFrameError("fragments are out of order");
        }
        first ??= type;
        fragments.push(data);
        if (!final) continue;
        const whole = fragments.length === 1 ? data : concat(fragments);
        if (first === "binary") return { type: first, data: whole, controls };
        return { type: "text", text: textIn(whole, strings), controls };
      }
    },
    write(message, output) {
      const { type } = message;
      const data = message.type === "text"
        ? strings.encode(message.text)
        : message.type === "close"
        ? closeBody(message, strings)
        : message.data;
      frames.codec.encodeTo({ type, data }, output);
    },
    maxFrameLength: MAX_LENGTH,
  });
}

/** Returns text; the error of invalid text costs only this message. */
function textIn(bytes: Uint8Array, strings: Codec<Uint8Array, string>): string {
  try {
    return strings.decode(bytes);
  } catch (cause) {
    throw new CodecError("Cannot decode text: it is not UTF-8", { frame: bytes, cause });
  }
}

function closeIn(data: Uint8Array, strings: Codec<Uint8Array, string>): WebSocketClose {
  if (data.length === 0) return { type: "close", reason: "" };
  const code = uint(data, 0, 2);
  if (!isCode(code)) {
    throw new CodecError("Cannot decode close: its status code is invalid", { frame: data });
  }
  return { type: "close", code, reason: textIn(data.subarray(2), strings) };
}

function closeBody(message: WebSocketClose, strings: Codec<Uint8Array, string>): Uint8Array {
  const { code, reason = "" } = message;
  if (code === undefined && reason === "") return NOTHING;
  if (code === undefined || !isCode(code)) {
    throw new TypeError(`Cannot write close: status code ${code} is invalid`);
  }
  return concat([Uint8Array.of(code >> 8, code), strings.encode(reason)]);
}

/** Whether a status code may be sent: 1004 to 1006 and 1015 are reserved (RFC 6455, section 7.4.1). */
function isCode(code: number): boolean {
  return code >= 1000 && code < 5000 && !(code >= 1004 && code <= 1006) && code !== 1015;
}
