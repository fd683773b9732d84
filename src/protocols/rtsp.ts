import { NOTHING } from "../bytes/nothing.ts";
import { lenientText } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import { headersPart, type HttpHeaders, valuesOf, writeHeaders } from "./http1_head.ts";
import { uint } from "./integers.ts";
import { crlfLines, lengthIn, line, utf8, writeBlock } from "./text_parts.ts";

/** A request of RTSP, by either side. */
export interface RtspRequest {
  /** Distinguishes the kinds of messages. */
  readonly type: "request";
  /** Method: `"DESCRIBE"`. */
  readonly method: string;
  /** URL, or `"*"`. */
  readonly target: string;
  /** Version; default `"1.0"`. */
  readonly version?: "1.0" | "2.0";
  /** Header fields in order; default: none. Content-Length is added for a body. */
  readonly headers?: HttpHeaders;
  /** Body; default: empty. */
  readonly body?: Uint8Array;
}

/** A response of RTSP. */
export interface RtspResponse {
  /** Distinguishes the kinds of messages. */
  readonly type: "response";
  /** Status code. */
  readonly status: number;
  /** Reason; default: empty. */
  readonly reason?: string;
  /** Version; default `"1.0"`. */
  readonly version?: "1.0" | "2.0";
  /** Header fields in order; default: none. Content-Length is added for a body. */
  readonly headers?: HttpHeaders;
  /** Body; default: empty. */
  readonly body?: Uint8Array;
}

/** A packet of media between messages. */
export interface RtspPacket {
  /** Distinguishes the kinds of messages. */
  readonly type: "packet";
  /** Channel from SETUP, from 0 to 255. */
  readonly channel: number;
  /** A packet of RTP or RTCP, at most 65,535 bytes. */
  readonly data: Uint8Array;
}

/** A message of RTSP. */
export type RtspMessage = RtspRequest | RtspResponse | RtspPacket;

const DOLLAR = 0x24;
const HEADER = 4;
/** Maximum length of a head in bytes. */
const MAX_HEAD = 65_536;
const REQUEST = /^([!#$%&'*+.^_`|~\w-]+) ([^\0- \x7f]+) RTSP\/([12]\.0)$/;
const RESPONSE = /^RTSP\/([12]\.0) ([1-9]\d\d)(?: ([^\0-\x08\n-\x1f\x7f]*))?$/;
/** Status codes of responses without a body, whatever their Content-Length says (RFC 2326, section 4.4). */
const BODILESS = /^(?:1..|204|304)$/;

/**
 * RTSP with interleaved packets of media, for clients and servers (RFC 2326, section 10.12; RFC 7826, section 14).
 *
 * ```text
 *   ┌────────────┬──────┬──────────────┬──────┬──────┬──────┐
 *   │ start line │ CRLF │ header field │ CRLF │ CRLF │ body │   request or response, by Content-Length
 *   └────────────┴──────┴──────────────┴──────┴──────┴──────┘
 *   ┌─────┬─────────┬────────┬──────┐
 *   │ "$" │ channel │ length │ data │                           packet
 *   └─────┴─────────┴────────┴──────┘
 *     1     1         2
 * ```
 *
 * Text is UTF-8; bytes that are not are replaced by U+FFFD. Empty lines between messages are skipped. Only CRLF ends
 * a line, and a field is on one line: RFC 2326 recommends to accept CR or LF alone too, but programs disagree on what
 * such a message is. The default limits are 64 KiB for a head and 1 MiB for a message: bodies describe sessions.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { rtsp } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(rtsp());
 * decoder.push(Uint8Array.of(0x24, 1, 0, 2, 0x80, 0xc8));
 * assert.deepEqual(decoder.read(), {
 *   type: "packet",
 *   channel: 1,
 *   data: Uint8Array.of(0x80, 0xc8),
 * });
 * ```
 */
export function rtsp(): Protocol<
  Required<RtspRequest> | Required<RtspResponse> | RtspPacket,
  RtspMessage
> {
  const first = part({ framer: packetOrLine });
  const strings = lenientText();
  const headers = headersPart(line(MAX_HEAD, strings));
  return sequence<Required<RtspRequest> | Required<RtspResponse> | RtspPacket, RtspMessage>({
    *read() {
      const start = yield* first;
      if (start[0] === DOLLAR) {
        return { type: "packet", channel: start[1]!, data: start.subarray(HEADER) };
      }
      const head = startOf(strings.decode(start));
      const fields = yield* headers;
      const lengths = valuesOf(fields, "content-length");
      if (lengths.length > 1) throw new MalformedFrameError("Content-Length is given twice");
      const length = lengths.length === 0 ? 0 : lengthIn(lengths[0]);
      const body = length === 0 || isBodiless(head) ? NOTHING : yield* part(length);
      return { ...head, headers: fields, body };
    },
    write(message, output) {
      if (message.type === "packet") {
        const { channel, data } = message;
        output.writeUint(DOLLAR, 1);
        output.writeUint(channel, 1);
        output.writeUint(data.length, 2);
        return output.write(data);
      }
      const { version = "1.0", headers = [], body = NOTHING } = message;
      const start = message.type === "request"
        ? `${message.method} ${message.target} RTSP/${version}`
        : `RTSP/${version} ${message.status} ${message.reason ?? ""}`;
      if (!(message.type === "request" ? REQUEST : RESPONSE).test(start) || start[0] === "$") {
        throw new TypeError("Cannot write message: its start line is invalid");
      }
      const given = valuesOf(headers, "content-length");
      const bodiless = isBodiless(message);
      if (bodiless && body.length > 0) {
        throw new TypeError("Cannot write message: a response with its status has no body");
      }
      // Without a body, it is the length of another response's body.
      const [value = `${body.length}`] = given;
      const fits = bodiless ? /^\d{1,15}$/.test(value) : value === `${body.length}`;
      if (given.length > 1 || !fits) {
        throw new TypeError(
          `Cannot write message: Content-Length is not ${bodiless ? "a length" : body.length}`,
        );
      }
      const stated = given.length > 0 || body.length === 0;
      writeBlock(utf8(start), output);
      const all: HttpHeaders = stated
        ? headers
        : [...headers, ["Content-Length", `${body.length}`]];
      writeHeaders(all, output, utf8);
      output.write(body);
    },
  });
}

/** A whole packet, or the start line of a message. */
const packetOrLine: Framer = {
  measure(input) {
    while (input.peek() === 0x0d && input.peek(1) === 0x0a) input.discard(2);
    if (input.peek() !== DOLLAR) return crlfLines.measure(input);
    const header = input.look(HEADER);
    return header && HEADER + uint(header, 2, 2);
  },
  write: (frame, output) => output.write(frame),
};

function isBodiless(message: RtspRequest | RtspResponse): boolean {
  return message.type === "response" && BODILESS.test(`${message.status}`);
}

function startOf(line: string) {
  const [, method, target, version] = REQUEST.exec(line) ?? [];
  if (method !== undefined) {
    return { type: "request", method, target: target!, version: version as "1.0" } as const;
  }
  const [, other, status, reason = ""] = RESPONSE.exec(line) ?? [];
  if (status === undefined) throw new MalformedFrameError("start line is invalid");
  return {
    type: "response",
    status: Number(status),
    reason,
    version: other as "1.0",
  } as const;
}
