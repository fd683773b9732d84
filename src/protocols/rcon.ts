import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { int32, uintLE, writeInt } from "./integers.ts";

/** A packet of Source RCON. */
export interface RconMessage {
  /** Identifier that the response repeats; -1 in a response: authentication has failed. */
  readonly id: number;
  /** Type: 3 to authenticate, 2 for a command or the response to 3, 0 for the response to a command. */
  readonly type: number;
  /** Text without its zero byte, which may be cut inside a character if a response has several packets. */
  readonly body: Uint8Array;
}

/** Numbers before the body, and zero bytes after it. */
const HEADER = 12;
const TRAILER = 2;
/** Maximum length of a body: Minecraft's servers fill it entirely. */
const MAX_BODY = 4096;

/**
 * Source RCON, the remote console of game servers, for clients and servers (Valve Developer Community, "Source
 * RCON Protocol").
 *
 * ```text
 *   ┌─────────────┬────┬──────┬──────┬──────┐
 *   │ length (LE) │ id │ type │ body │ 0, 0 │   the length counts from the identifier on
 *   └─────────────┴────┴──────┴──────┴──────┘
 *     4             4    4             2
 * ```
 *
 * The default limit is a body of 4,096 bytes, the protocol's own. Longer responses have several packets, the last
 * of which is not marked.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { rcon } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(rcon());
 * decoder.push(Uint8Array.of(12, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0x6f, 0x6b, 0, 0));
 * const { id, body } = decoder.read()!;
 * assert.equal(id, 7);
 * assert.equal(new TextDecoder().decode(body), "ok");
 * ```
 */
export function rcon(): Protocol<RconMessage> {
  return {
    framer: headerFramer(HEADER + TRAILER, { littleEndian: true }),
    codec: {
      decode(frame) {
        const end = frame.length - TRAILER;
        if (frame[end] !== 0 || frame[end + 1] !== 0) {
          throw new MalformedFrameError("zero bytes after the body are missing");
        }
        return {
          id: int32(uintLE(frame, 4, 4)),
          type: int32(uintLE(frame, 8, 4)),
          body: frame.subarray(HEADER, end),
        };
      },
      ...writing(({ id, type, body }: RconMessage, output) => {
        if (body.includes(0)) {
          throw new TypeError(`Cannot write body: it has a zero byte at offset ${body.indexOf(0)}`);
        }
        output.writeUint(HEADER - 4 + body.length + TRAILER, 4, true);
        writeInt(output, id, 4, true);
        writeInt(output, type, 4, true);
        output.write(body);
        output.writeUint(0, TRAILER);
      }),
    },
    maxFrameLength: HEADER + MAX_BODY + TRAILER,
  };
}
