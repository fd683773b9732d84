import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A request or a response of Modbus. */
export interface ModbusTcpMessage {
  /** Identifier that a response repeats. */
  readonly transactionId: number;
  /** Device behind a gateway; 0 or 255 for the server itself. */
  readonly unitId: number;
  /** Function; 128 is added in an exception response. */
  readonly functionCode: number;
  /** Data of the function. */
  readonly data: Uint8Array;
}

const HEADER = 8;
/** Maximum length in bytes: a header of 7 bytes and a protocol data unit of 253. */
const MAX_LENGTH = 260;

/**
 * Modbus TCP, for clients and servers (MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3).
 *
 * ```text
 *   ┌─────────────┬──────────┬────────┬──────┬──────────┬──────┐
 *   │ transaction │ protocol │ length │ unit │ function │ data │   the length counts from the unit on
 *   └─────────────┴──────────┴────────┴──────┴──────────┴──────┘
 *     2             2 (0)      2        1      1          ≤ 252
 * ```
 *
 * The limit is 260 bytes, the maximum of the specification.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { modbusTcp } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(modbusTcp());
 * decoder.push(Uint8Array.of(0, 1, 0, 0, 0, 5, 17, 3, 2, 0, 7));
 * const { unitId, functionCode, data } = decoder.read()!;
 * assert.deepEqual([unitId, functionCode], [17, 3]);
 * assert.deepEqual(data, Uint8Array.of(2, 0, 7));
 * ```
 */
export function modbusTcp(): Protocol<ModbusTcpMessage> {
  return {
    framer: headerFramer(HEADER, { offset: 4, size: 2 }, (input) => {
      if (input.peek(2) === 0 && input.peek(3) === 0) return;
      throw new MalformedFrameError("its protocol identifier is not 0");
    }),
    codec: {
      decode: (frame) => ({
        transactionId: uint(frame, 0, 2),
        unitId: frame[6]!,
        functionCode: frame[7]!,
        data: frame.subarray(HEADER),
      }),
      ...writing(({ transactionId, unitId, functionCode, data }: ModbusTcpMessage, output) => {
        output.writeUint(transactionId, 2);
        output.writeUint(0, 2);
        output.writeUint(2 + data.length, 2);
        output.writeUint(unitId, 1);
        output.writeUint(functionCode, 1);
        output.write(data);
      }),
    },
    maxFrameLength: MAX_LENGTH,
  };
}
