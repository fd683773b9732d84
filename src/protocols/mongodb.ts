import { writing } from "../codecs/writing.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { int32, uintLE, writeInt } from "./integers.ts";

/** A message of MongoDB. */
export interface MongodbMessage {
  /** Identifier of this message. */
  readonly requestId: number;
  /** Identifier of the request that this message answers; default 0, for a request. */
  readonly responseTo?: number;
  /** Operation: 2013 for `OP_MSG`, the default, 2012 for `OP_COMPRESSED`. */
  readonly opCode?: number;
  /** The bytes after the header: flags and sections of an `OP_MSG`. */
  readonly body: Uint8Array;
}

/** Length of the header in bytes, and maximum length of a message (`maxMessageSizeBytes`). */
const HEADER = 16;
const MAX_MESSAGE = 48_000_000;

/**
 * MongoDB's wire protocol, for clients and servers (MongoDB Wire Protocol, "Standard Message Header").
 *
 * ```text
 *   ┌─────────────┬────────────┬─────────────┬─────────┬──────┐
 *   │ length (LE) │ request id │ response to │ op code │ body │   the length counts all bytes
 *   └─────────────┴────────────┴─────────────┴─────────┴──────┘
 *     4             4            4             4
 * ```
 *
 * The default limit is 48,000,000 bytes, the server's own (`maxMessageSizeBytes`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { mongodb } from "@framewright/framewright/protocols";
 *
 * const encoder = new FrameEncoder(mongodb());
 * encoder.write({ requestId: 7, body: Uint8Array.of(0, 0, 0, 0, 0, 5, 0, 0, 0, 0) });
 * const decoder = new FrameDecoder(mongodb());
 * for (const chunk of encoder.drain()) decoder.push(chunk);
 * const { requestId, opCode } = decoder.read()!;
 * assert.deepEqual([requestId, opCode], [7, 2013]);
 * ```
 */
export function mongodb(): Protocol<Required<MongodbMessage>, MongodbMessage> {
  return {
    framer: headerFramer(HEADER, { littleEndian: true, counts: "frame" }),
    codec: {
      decode: (frame) => ({
        requestId: int32(uintLE(frame, 4, 4)),
        responseTo: int32(uintLE(frame, 8, 4)),
        opCode: int32(uintLE(frame, 12, 4)),
        body: frame.subarray(HEADER),
      }),
      ...writing(({ requestId, responseTo = 0, opCode = 2013, body }: MongodbMessage, output) => {
        output.writeUint(HEADER + body.length, 4, true);
        writeInt(output, requestId, 4, true);
        writeInt(output, responseTo, 4, true);
        writeInt(output, opCode, 4, true);
        output.write(body);
      }),
    },
    maxFrameLength: MAX_MESSAGE,
  };
}
