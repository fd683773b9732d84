import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { Codec } from "../codecs/codec.ts";
import { type Writing, writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol, ProtocolParts } from "../protocol.ts";
import { uint } from "./integers.ts";
import { protocolOfSide } from "./sides.ts";

/** A frame of WebSocket. */
export interface WebSocketFrame {
  /** Type; a message continues in frames of type `"continuation"`. */
  readonly type: "continuation" | "text" | "binary" | "close" | "ping" | "pong";
  /** Whether the message ends with this frame; default `true`. */
  readonly final?: boolean;
  /** Whether its message is compressed by permessage-deflate (RFC 7692); default `false`. */
  readonly compressed?: boolean;
  /** Payload, unmasked. */
  readonly data: Uint8Array;
}

/** Maximum length of a frame or a message in bytes: 16 MiB. */
export const MAX_LENGTH: number = 16 * 2 ** 20;

const TYPES = ["continuation", "text", "binary", , , , , , "close", "ping", "pong"] as const;
const FINAL = 0x80;
const COMPRESSED = 0x40;
const MASKED = 0x80;
const CONTROL = 8;
const MASK = 4;
/** Maximum length of the payload of a control frame in bytes. */
const MAX_CONTROL = 125;

/**
 * Frames of WebSocket after the opening handshake, fragments and control frames as they are (RFC 6455, section 5).
 * See {@link webSocket}, which joins them to messages.
 *
 * ```text
 *   ┌───────┬──────┬──────┬───────────┬────────────┬─────────┐
 *   │ flags │ type │ mask │ length    │ key        │ payload │   a client's key masks the payload
 *   └───────┴──────┴──────┴───────────┴────────────┴─────────┘
 *     4 bits  4      1      7, 16, 64   0, 4 bytes
 * ```
 *
 * A client, the default side, masks what it writes and refuses masked frames; a server the reverse. Reserved bits
 * and types, control frames that are fragmented or longer than 125 bytes, and lengths that could be shorter are
 * malformed. WebSocket has no limit; the default is 16 MiB a frame, that of a message of {@link webSocket}.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { webSocketFrames } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(webSocketFrames());
 * decoder.push(Uint8Array.of(0x82, 2, 7, 8));
 * const data = Uint8Array.of(7, 8);
 * assert.deepEqual(decoder.read(), { type: "binary", final: true, compressed: false, data });
 * ```
 */
export function webSocketFrames(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
): Protocol<Required<WebSocketFrame>, WebSocketFrame> {
  return protocolOfSide(side, framesOf(true), framesOf(false));
}

/** Frames that are masked, or are not. */
export interface OneWayFrames extends ProtocolParts<Required<WebSocketFrame>, WebSocketFrame> {
  readonly codec:
    & Codec<Uint8Array, Required<WebSocketFrame>, WebSocketFrame>
    & Writing<WebSocketFrame>;
}

/** Reads and writes frames, masked or not. */
export function framesOf(masked: boolean): OneWayFrames {
  const extra = masked ? MASK : 0;
  const keys = masked ? randomKeys() : undefined;
  return {
    framer: framerOf(masked),
    codec: {
      decode(frame) {
        const start = headerSize(frame[1]!) + extra;
        const flags = frame[0]!;
        return {
          type: TYPES[flags & 0xf]!,
          final: flags >= FINAL,
          compressed: (flags & COMPRESSED) !== 0,
          data: masked ? xor(frame, start - MASK, start) : frame.subarray(start),
        };
      },
      ...writing(({ type, final = true, compressed, data }: WebSocketFrame, output) => {
        const number = TYPES.indexOf(type);
        const { length } = data;
        if (number < 0) throw new TypeError(`Invalid type ${type} of frame`);
        if (number >= CONTROL && (!final || length > MAX_CONTROL)) {
          throw new TypeError(`Cannot write ${type}: it has at most 125 bytes and no fragments`);
        }
        if (compressed && (number === 0 || number >= CONTROL)) {
          throw new TypeError(`Cannot write ${type}: only the first frame of data is compressed`);
        }
        output.writeUint((final ? FINAL : 0) + (compressed ? COMPRESSED : 0) + number, 1);
        writeLength(length, masked ? MASKED : 0, output);
        if (keys === undefined) return output.write(data);
        const key = keys();
        output.write(key);
        output.write(xor(data, 0, 0, key));
      }),
    },
    maxFrameLength: MAX_LENGTH,
  };
}

function framerOf(masked: boolean): Framer {
  return {
    measure(input) {
      const flags = input.peek(0);
      const size = input.peek(1);
      if (flags === undefined || size === undefined) return undefined;
      const number = flags & 0xf;
      const short = size & 0x7f;
      if (TYPES[number] === undefined || (flags & 0x30) !== 0) {
        throw new MalformedFrameError(`reserved bits or type ${number}`);
      }
      if (number >= CONTROL && (flags < FINAL || short > MAX_CONTROL)) {
        throw new MalformedFrameError("control frame is fragmented or longer than 125 bytes");
      }
      if ((flags & COMPRESSED) !== 0 && (number === 0 || number >= CONTROL)) {
        throw new MalformedFrameError("only the first frame of data is compressed");
      }
      if (size >= MASKED !== masked) {
        throw new MalformedFrameError(masked ? "frame is not masked" : "frame is masked");
      }
      const header = headerSize(size);
      const bytes = input.look(header);
      if (bytes === undefined) return undefined;
      const length = header === 2 ? short : uint(bytes, 2, header - 2);
      if (header > 2 && length <= (header === 4 ? MAX_CONTROL : 0xffff) || length >= 2 ** 53) {
        throw new MalformedFrameError("length is not in its shortest form, or too long");
      }
      return header + (masked ? MASK : 0) + length;
    },
    write: (frame, output) => output.write(frame),
  };
}

function headerSize(size: number): number {
  const short = size & 0x7f;
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}

function writeLength(length: number, mask: number, output: ByteWriter): void {
  if (length <= MAX_CONTROL) return output.writeUint(mask + length, 1);
  const long = length > 0xffff;
  output.writeUint(mask + (long ? 127 : 126), 1);
  output.writeUint(length, long ? 8 : 2);
}

/** Returns the bytes from `start` on, masked or unmasked by the key. */
function xor(bytes: Uint8Array, keyAt: number, start: number, key = bytes): Uint8Array {
  const result = new Uint8Array(bytes.length - start);
  for (let index = 0; index < result.length; index++) {
    result[index] = bytes[start + index]! ^ key[keyAt + (index & 3)]!;
  }
  return result;
}

/** Returns a function that returns unpredictable keys; the system is asked once for many. */
function randomKeys(): () => Uint8Array {
  const pool = new Uint8Array(1024);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    return pool.slice(used, used += MASK);
  };
}
