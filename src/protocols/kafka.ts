import type { Codec } from "../codecs/codec.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { lengthField } from "../framers/length_field.ts";
import type { Protocol } from "../protocol.ts";
import { int16, int32, uint, writeInt } from "./integers.ts";
import { protocolOfSide } from "./sides.ts";

/** Maximum length of a frame in bytes: 100 MiB and the length itself. */
const MAX_LENGTH = 4 + 100 * 2 ** 20;

/** A request of Kafka. */
export interface KafkaRequest {
  /** The kind of request: 0 for Produce, 1 for Fetch, 18 for ApiVersions. */
  readonly apiKey: number;
  /** Version of the request's format. */
  readonly apiVersion: number;
  /** Identifier that the response repeats. */
  readonly correlationId: number;
  /** The rest: client identifier, tagged fields from header version 2 on, and the request itself. */
  readonly body: Uint8Array;
}

/** A response of Kafka. */
export interface KafkaResponse {
  /** Identifier of the request. */
  readonly correlationId: number;
  /** The rest: tagged fields from header version 1 on, and the response itself. */
  readonly body: Uint8Array;
}

/**
 * Kafka's protocol (Apache Kafka, "Protocol Guide", "Request and Response Headers").
 *
 * ```text
 *   ┌────────┬─────────┬─────────────┬────────────────┬──────┐
 *   │ length │ API key │ API version │ correlation id │ body │   request
 *   └────────┴─────────┴─────────────┴────────────────┴──────┘
 *     4        2         2             4
 *   ┌────────┬────────────────┬──────┐
 *   │ length │ correlation id │ body │                           response
 *   └────────┴────────────────┴──────┘
 * ```
 *
 * A client, the default side, reads responses and writes requests. The default limit is 100 MiB, the broker's
 * own (`socket.request.max.bytes`).
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { kafka } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(kafka());
 * decoder.push(Uint8Array.of(0, 0, 0, 6, 0, 0, 0, 7, 0, 35));
 * assert.deepEqual(decoder.read(), { correlationId: 7, body: Uint8Array.of(0, 35) });
 * ```
 */
export function kafka(options?: {
  readonly side?: "client";
}): Protocol<KafkaResponse, KafkaRequest>;
/** The server's side of Kafka's protocol: reads requests and writes responses. */
export function kafka(options: {
  readonly side: "server";
}): Protocol<KafkaRequest, KafkaResponse>;
export function kafka(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
): Protocol<KafkaResponse, KafkaRequest> | Protocol<KafkaRequest, KafkaResponse> {
  const framing = { framer: lengthField({ skip: 0 }), maxFrameLength: MAX_LENGTH };
  return protocolOfSide<KafkaRequest, KafkaResponse>(
    side,
    { ...framing, codec: requests() },
    { ...framing, codec: responses() },
  );
}

/** Reads and writes requests. */
function requests(): Codec<Uint8Array, KafkaRequest> {
  return {
    decode(frame) {
      refuseShort(frame, 12);
      return {
        apiKey: int16(uint(frame, 4, 2)),
        apiVersion: int16(uint(frame, 6, 2)),
        correlationId: int32(uint(frame, 8, 4)),
        body: frame.subarray(12),
      };
    },
    ...writing(({ apiKey, apiVersion, correlationId, body }: KafkaRequest, output) => {
      output.writeUint(8 + body.length, 4);
      writeInt(output, apiKey, 2);
      writeInt(output, apiVersion, 2);
      writeInt(output, correlationId, 4);
      output.write(body);
    }),
  };
}

/** Reads and writes responses. */
function responses(): Codec<Uint8Array, KafkaResponse> {
  return {
    decode(frame) {
      refuseShort(frame, 8);
      return { correlationId: int32(uint(frame, 4, 4)), body: frame.subarray(8) };
    },
    ...writing(({ correlationId, body }: KafkaResponse, output) => {
      output.writeUint(4 + body.length, 4);
      writeInt(output, correlationId, 4);
      output.write(body);
    }),
  };
}

function refuseShort(frame: Uint8Array, header: number): void {
  if (frame.length < header) throw new MalformedFrameError("Kafka header is incomplete");
}
