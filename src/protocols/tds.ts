import { concat } from "../bytes/concat.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { type Part, part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A message of TDS. */
export interface TdsMessage {
  /** Type: 1 for a batch of SQL, 3 for a remote procedure call, 4 for a response, 18 for pre-login. */
  readonly type: number;
  /**
   * Status bits of its packets, without the one that marks the last packet: 2 to ignore the message, 8 and 16
   * to reset the connection; default 0.
   */
  readonly status?: number;
  /** Process of the server that serves the connection; default 0. */
  readonly processId?: number;
  /** The payloads of its packets, joined. */
  readonly data: Uint8Array;
}

/** The options of {@link tds}. */
export interface TdsOptions {
  /** Length of written packets in bytes, header included, from 512 to 32,767; default 4,096. */
  readonly packetSize?: number;
}

const HEADER = 8;
const LAST = 1;
const RESETS = 0x18;

/**
 * Tabular Data Stream, the protocol of Microsoft SQL Server, for clients and servers (MS-TDS, section 2.2.3.1).
 * A message is one packet or several.
 *
 * ```text
 *   ┌──────┬────────┬────────┬────────────┬────────┬────────┬─────────┐
 *   │ type │ status │ length │ process id │ number │ window │ payload │   the length counts all bytes
 *   └──────┴────────┴────────┴────────────┴────────┴────────┴─────────┘
 *     1      1        2        2            1        1
 * ```
 *
 * The packets of a message must have the same type. In TDS 8.0 all of this is inside of TLS (`tls: { alpn:
 * ["tds/8.0"] }`); older versions can exchange the records of TLS in pre-login messages, which is not supported. The
 * default limit is 64 MiB, since a response has all rows of a batch.
 *
 * @throws {RangeError} `packetSize` is not an integer from 512 to 32,767.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { tds } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(tds());
 * decoder.push(Uint8Array.of(4, 0, 0, 9, 0, 51, 1, 0, 0xaa, 4, 1, 0, 9, 0, 51, 2, 0, 0xbb));
 * const data = Uint8Array.of(0xaa, 0xbb);
 * assert.deepEqual(decoder.read(), { type: 4, status: 0, processId: 51, data });
 * ```
 */
export function tds(options: TdsOptions = {}): Protocol<Required<TdsMessage>, TdsMessage> {
  const { packetSize = 4096 } = options;
  if (!(Number.isInteger(packetSize) && packetSize >= 512 && packetSize <= 32_767)) {
    throw new RangeError(
      `Invalid packetSize ${packetSize}: expected an integer from 512 to 32767`,
    );
  }
  const room = packetSize - HEADER;
  const packet = part(headerFramer(HEADER, { offset: 2, size: 2, counts: "frame" }));
  return sequence({
    *read(): Generator<Part, Required<TdsMessage>, unknown> {
      const payloads: Uint8Array[] = [];
      let frame = yield* packet;
      const type = frame[0]!;
      const processId = uint(frame, 4, 2);
      for (let status = 0;;) {
        if (frame[0] !== type) {
          throw new MalformedFrameError(`packet of type ${frame[0]} in a message of type ${type}`);
        }
        status |= frame[1]!;
        const payload = frame.subarray(HEADER);
        const last = (frame[1]! & LAST) !== 0;
        if (!last || payloads.length > 0) payloads.push(payload);
        if (last) {
          const data = payloads.length === 0 ? payload : concat(payloads);
          return { type, status: status & ~LAST, processId, data };
        }
        frame = yield* packet;
      }
    },
    write({ type, status = 0, processId = 0, data }: TdsMessage, output) {
      let at = 0;
      for (let number = 1;; number++) {
        const payload = data.subarray(at, at + room);
        at += room;
        const last = at >= data.length;
        output.writeUint(type, 1);
        // Only the first packet may reset the connection, and only the last one is ignored with its message.
        const bits = (number === 1 ? status & RESETS : 0) | (last ? status & ~RESETS | LAST : 0);
        output.writeUint(bits, 1);
        output.writeUint(HEADER + payload.length, 2);
        output.writeUint(processId, 2);
        output.writeUint(number & 0xff, 1);
        output.writeUint(0, 1);
        output.write(payload);
        if (last) return;
      }
    },
    maxFrameLength: 64 * 2 ** 20,
  });
}
