import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { lengthField } from "../framers/length_field.ts";
import type { Protocol } from "../protocol.ts";
import { int16, int32, uint, writeInt } from "./integers.ts";

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
): Protocol<never, KafkaRequest & KafkaResponse> {
  const server = side === "server";
  const [read, written] = server ? [12, 4] : [8, 8];
  return {
    framer: lengthField({ skip: 0 }),
    codec: {
      decode(frame) {
        if (frame.length < read) throw new MalformedFrameError("Kafka header is incomplete");
        const correlationId = int32(uint(frame, read - 4, 4));
        const body = frame.subarray(read);
        if (!server) return { correlationId, body } as never;
        const [apiKey, apiVersion] = [int16(uint(frame, 4, 2)), int16(uint(frame, 6, 2))];
        return { apiKey, apiVersion, correlationId, body } as never;
      },
      ...writing((message: KafkaRequest & KafkaResponse, output) => {
        const { body } = message;
        output.writeUint(written + body.length, 4);
        if (!server) {
          writeInt(output, message.apiKey, 2);
          writeInt(output, message.apiVersion, 2);
        }
        writeInt(output, message.correlationId, 4);
        output.write(body);
      }),
    },
    maxFrameLength: 4 + 100 * 2 ** 20,
  };
}
