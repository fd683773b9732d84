import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A frame of HTTP/2. */
export interface Http2Frame {
  /** Type: 0 for DATA, 1 for HEADERS, 4 for SETTINGS. */
  readonly type: number;
  /** Flags; default 0. */
  readonly flags?: number;
  /** Stream; default 0, the connection. */
  readonly streamId?: number;
  /** Payload. */
  readonly payload: Uint8Array;
}

/** The bytes with which a client begins a connection of HTTP/2. */
export interface Http2Preface {
  /** Distinguishes it from frames. */
  readonly type: "preface";
}

const HEADER = 9;
const PREFACE = /* @__PURE__ */ new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * HTTP/2 frames, for clients and servers (RFC 9113, sections 3.4 and 4.1). A client sends the preface first.
 *
 * ```text
 *   ┌────────┬──────┬───────┬────────┬─────────┐
 *   │ length │ type │ flags │ stream │ payload │
 *   └────────┴──────┴───────┴────────┴─────────┘
 *     3        1      1       4
 * ```
 *
 * The default limit is 16,384 bytes of payload, the initial value of `SETTINGS_MAX_FRAME_SIZE`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { http2Frames } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(http2Frames());
 * decoder.push(new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
 * decoder.push(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0));
 * assert.deepEqual([...decoder].map(({ type }) => type), ["preface", 4]);
 * ```
 */
export function http2Frames(): Protocol<
  Required<Http2Frame> | Http2Preface,
  Http2Frame | Http2Preface
> {
  const frames = headerFramer(HEADER, { size: 3, adjust: 6 });
  return {
    framer: {
      measure(input) {
        // As a frame, the preface would have an unknown type and over 5 MB.
        if (input.peek() !== PREFACE[0] || input.peek(3) !== PREFACE[3]) {
          return frames.measure(input);
        }
        if (input.length < PREFACE.length) return undefined;
        if (PREFACE.every((byte, index) => input.peek(index) === byte)) return PREFACE.length;
        throw new MalformedFrameError("it is neither a frame nor the connection preface");
      },
      write: (frame, output) => output.write(frame),
    },
    codec: {
      decode(frame) {
        if (frame[0] === PREFACE[0] && frame[3] === PREFACE[3]) return { type: "preface" };
        return {
          type: frame[3]!,
          flags: frame[4]!,
          // The first bit is reserved.
          streamId: uint(frame, 5, 4) % 2 ** 31,
          payload: frame.subarray(HEADER),
        };
      },
      ...writing((message: Http2Frame | Http2Preface, output) => {
        if (message.type === "preface") return output.write(PREFACE);
        const { type, flags = 0, streamId = 0, payload } = message;
        if (streamId >= 2 ** 31) {
          throw new RangeError(`Invalid streamId ${streamId}: expected less than 2147483648`);
        }
        output.writeUint(payload.length, 3);
        output.writeUint(type, 1);
        output.writeUint(flags, 1);
        output.writeUint(streamId, 4);
        output.write(payload);
      }),
    },
    maxFrameLength: HEADER + 16_384,
  };
}
