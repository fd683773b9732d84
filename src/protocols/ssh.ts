import type { ByteReader } from "../bytes/byte_reader.ts";
import { text } from "../codecs/text.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A line before the first packet of SSH. */
export interface SshLine {
  /** Distinguishes it from packets. */
  readonly type: "line";
  /** The line without its end: `SSH-2.0-` and a name identify a peer; a server may send other lines before. */
  readonly text: string;
}

/** A packet of SSH that is not encrypted. */
export interface SshPacket {
  /** Distinguishes it from lines. */
  readonly type: "packet";
  /** Message number and fields: 20 for KEXINIT, 21 for NEWKEYS. */
  readonly payload: Uint8Array;
}

/** Length and padding length; minimum length of padding; unit and minimum of a packet's length. */
const HEADER = 5;
const MIN_PADDING = 4;
const UNIT = 8;
const MIN_PACKET = 16;
/** Maximum lengths of a line and of a packet that all programs support. */
const MAX_LINE = 8192;
const MAX_PACKET = 35_000;
/** Maximum length of the line that identifies a peer, its end included. */
const MAX_IDENTIFICATION = 255;

/**
 * SSH up to the first encrypted packet: identification and key exchange, for clients and servers (RFC 4253,
 * sections 4.2 and 6).
 *
 * ```text
 *   ┌───────────────────┬───────┐
 *   │ "SSH-2.0-" name   │ CR LF │                       line
 *   └───────────────────┴───────┘
 *   ┌────────┬────────────────┬─────────┬─────────┐
 *   │ length │ padding length │ payload │ padding │     packet
 *   └────────┴────────────────┴─────────┴─────────┘
 *     4        1                          4 to 255
 * ```
 *
 * After NEWKEYS (21) a peer's packets are encrypted: detach the connection, or the next bytes are malformed.
 * Padding is written as zeros, since it hides nothing yet. The limit is 35,000 bytes, the maximum that all
 * programs support.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { ssh } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(ssh());
 * decoder.push(new TextEncoder().encode("SSH-2.0-example\r\n"));
 * decoder.push(Uint8Array.of(0, 0, 0, 12, 10, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
 * assert.deepEqual([...decoder], [
 *   { type: "line", text: "SSH-2.0-example" },
 *   { type: "packet", payload: Uint8Array.of(21) },
 * ]);
 * ```
 */
export function ssh(): Protocol<SshLine | SshPacket> {
  const lf = Uint8Array.of(0x0a);
  const within = { within: MAX_LINE };
  const strings = text();
  const packets = headerFramer(HEADER, {}, checkPacket);
  return {
    framer: {
      measure(input) {
        // A packet begins with its length, which is less than 2^24.
        if (input.peek() === 0) return packets.measure(input);
        const end = input.find(lf, within);
        if (end === undefined) {
          if (input.length <= MAX_LINE) return undefined;
          throw new MalformedFrameError(`line has more than ${MAX_LINE} bytes`);
        }
        const length = end > 0 && input.peek(end - 1) === 0x0d ? end - 1 : end;
        input.drop(end + 1 - length);
        return length;
      },
      write(frame, output) {
        output.write(frame);
        if (frame[0] !== 0) output.writeUint(0x0d0a, 2);
      },
    },
    codec: {
      decode(frame) {
        if (frame[0] === 0) {
          return { type: "packet", payload: frame.subarray(HEADER, frame.length - frame[4]!) };
        }
        const line = strings.decode(frame);
        if (line.startsWith("SSH-") && frame.length > MAX_IDENTIFICATION - 2) {
          throw new MalformedFrameError("identification has more than 255 bytes");
        }
        return { type: "line", text: line };
      },
      ...writing((message: SshLine | SshPacket, output) => {
        if (message.type === "line") {
          const { text: line } = message;
          if (/[\r\n]/.test(line) || line.startsWith("\0")) {
            throw new TypeError("Cannot write line: it contains the end of a line");
          }
          output.write(strings.encode(line));
          return output.writeUint(0x0d0a, 2);
        }
        const { payload } = message;
        const content = HEADER + payload.length;
        const length = Math.max(MIN_PACKET, Math.ceil((content + MIN_PADDING) / UNIT) * UNIT);
        const padding = length - content;
        output.writeUint(length - 4, 4);
        output.writeUint(padding, 1);
        output.write(payload);
        output.write(new Uint8Array(padding));
      }),
    },
    maxFrameLength: MAX_PACKET,
  };
}

/** Refuses a header that no packet has, such as the beginning of an encrypted one. */
function checkPacket(input: ByteReader): void {
  const header = input.look(HEADER)!;
  const length = 4 + uint(header, 0, 4);
  const padding = header[4]!;
  if (
    length % UNIT === 0 && length >= MIN_PACKET && padding >= MIN_PADDING && padding < length - 5
  ) return;
  throw new MalformedFrameError(
    `packet of ${length} bytes with ${padding} bytes of padding is invalid`,
  );
}
