import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { int16, uint, writeInt } from "./integers.ts";

/** A frame of CQL, the protocol of Cassandra. */
export interface CqlMessage {
  /** Version of the protocol; default 4. */
  readonly version?: number;
  /** Whether it is a response; default `false`. */
  readonly response?: boolean;
  /** Flags: 1 for a compressed body, 2 for tracing; default 0. */
  readonly flags?: number;
  /** Stream: identifies the request that a response answers; negative for events. */
  readonly stream: number;
  /** Kind of message: 1 for STARTUP, 7 for QUERY, 8 for RESULT. */
  readonly opcode: number;
  /** Body. */
  readonly body: Uint8Array;
}

const HEADER = 9;
/** Version 2 and older have a header of 8 bytes. */
const MIN_VERSION = 3;

/**
 * CQL, the native protocol of Cassandra and ScyllaDB, version 3 and 4, for clients and servers (CQL Binary
 * Protocol v4, section 2).
 *
 * ```text
 *   ┌─────────┬───────┬────────┬────────┬────────┬──────┐
 *   │ version │ flags │ stream │ opcode │ length │ body │   version: 80 is added in responses
 *   └─────────┴───────┴────────┴────────┴────────┴──────┘
 *     1         1       2        1        4
 * ```
 *
 * Frames of later versions are read too, so that a server can refuse them; version 5 wraps them in segments
 * after start-up, which are not supported. The default limit is 16 MiB, Cassandra's own
 * (`native_transport_max_frame_size`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { cql } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(cql());
 * decoder.push(Uint8Array.of(0x84, 0, 0, 1, 2, 0, 0, 0, 0));
 * const { response, stream, opcode } = decoder.read()!;
 * assert.deepEqual([response, stream, opcode], [true, 1, 2]);
 * ```
 */
export function cql(): Protocol<Required<CqlMessage>, CqlMessage> {
  return {
    framer: headerFramer(HEADER, { offset: 5 }, (input) => {
      const version = input.peek()! & 0x7f;
      if (version >= MIN_VERSION) return;
      throw new MalformedFrameError(`version ${version} is not supported: expected 3 or later`);
    }),
    codec: {
      decode: (frame) => ({
        version: frame[0]! & 0x7f,
        response: frame[0]! >= 0x80,
        flags: frame[1]!,
        stream: int16(uint(frame, 2, 2)),
        opcode: frame[4]!,
        body: frame.subarray(HEADER),
      }),
      ...writing((message: CqlMessage, output) => {
        const { version = 4, response, flags = 0, stream, opcode, body } = message;
        if (!(version >= MIN_VERSION && version < 0x80)) {
          throw new RangeError(`Invalid version ${version}: expected 3 to 127`);
        }
        output.writeUint(version + (response ? 0x80 : 0), 1);
        output.writeUint(flags, 1);
        writeInt(output, stream, 2);
        output.writeUint(opcode, 1);
        output.writeUint(body.length, 4);
        output.write(body);
      }),
    },
    maxFrameLength: HEADER + 16 * 2 ** 20,
  };
}
