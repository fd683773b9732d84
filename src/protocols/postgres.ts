import type { ByteWriter } from "../bytes/byte_writer.ts";
import { reading } from "../codecs/reading.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { fixed } from "../framers/fixed.ts";
import { lengthField } from "../framers/length_field.ts";
import type { Protocol, ProtocolParts } from "../protocol.ts";
import { decodeOpening, type PostgresOpening, writeOpening } from "./postgres_opening.ts";
import { protocolOfSide } from "./sides.ts";

/** A message of PostgreSQL. */
export interface PostgresMessage {
  /** Type byte as a character: `"Q"` for a query, `"D"` for a row. */
  readonly type: string;
  /** The bytes after the length. */
  readonly body: Uint8Array;
}

/** An answer to a request to encrypt a connection to PostgreSQL: TLS, not supported, or GSSAPI. */
export type PostgresAnswer = "S" | "N" | "G";

const HEADER = 5;
/** Maximum length of a message in bytes. */
const MAX_LENGTH = 64 * 2 ** 20;
/** Maximum length of a message without a type byte (MAX_STARTUP_PACKET_LENGTH). */
const MAX_OPENING = 10_000;

/**
 * PostgreSQL's protocol 3, front end and back end (PostgreSQL 18, sections 54.2 and 54.7).
 *
 * ```text
 *   ┌────────┬─────────┬──────────────────────┐
 *   │ length │ version │ parameters           │   start-up and other requests that open a connection
 *   └────────┴─────────┴──────────────────────┘
 *   ┌──────┬────────┬─────────────────────────┐
 *   │ type │ length │ body                    │   all other messages; both lengths count themselves
 *   └──────┴────────┴─────────────────────────┘
 *     1      4
 * ```
 *
 * The client, the default side, reads messages with a type and writes both kinds. The server reads both kinds.
 *
 * A request to encrypt is answered by one byte without framing (see {@link postgresAnswer}); no other bytes may
 * follow the request or the answer before the handshake (CVE-2021-23214, CVE-2021-23222). `startTls` refuses
 * bytes that have been received with them.
 *
 * The default limit is 64 MiB; values in PostgreSQL have up to 1 GiB. Requests that open a connection have at
 * most 10,000 bytes, the server's own limit.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { postgres } from "@framewright/framewright/protocols";
 *
 * const client = new FrameEncoder(postgres());
 * client.write({ type: "startup", version: [3, 0], parameters: { user: "ada" } });
 * client.write({ type: "Q", body: new TextEncoder().encode("select 1\0") });
 * const server = new FrameDecoder(postgres({ side: "server" }));
 * for (const chunk of client.drain()) server.push(chunk);
 * assert.deepEqual([...server].map(({ type }) => type), ["startup", "Q"]);
 * ```
 */
export function postgres(options?: {
  readonly side?: "client";
}): Protocol<PostgresMessage, PostgresMessage | PostgresOpening>;
/** The server's side of PostgreSQL's protocol: reads messages with and without a type. */
export function postgres(options: {
  readonly side: "server";
}): Protocol<PostgresMessage | PostgresOpening, PostgresMessage>;
export function postgres(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
):
  | Protocol<PostgresMessage, PostgresMessage | PostgresOpening>
  | Protocol<PostgresMessage | PostgresOpening, PostgresMessage> {
  return protocolOfSide(side, withOpening(), messages());
}

/** Messages with a type. */
function messages(): ProtocolParts<PostgresMessage> {
  const { measure, write } = lengthField({ offset: 1, counts: "field", skip: 0 });
  return {
    framer: {
      measure(input) {
        const type = input.peek();
        if (type === undefined || isType(type)) return measure(input);
        throw new MalformedFrameError(`unknown message type ${type}`);
      },
      write,
    },
    codec: {
      ...reading(readMessage),
      ...writing(writeMessage),
    },
    maxFrameLength: MAX_LENGTH,
  };
}

/** Messages with and without a type: the latter begin with their length, which is less than 2^24. */
function withOpening(): ProtocolParts<PostgresMessage | PostgresOpening> {
  const { framer } = messages();
  const opening = lengthField({ counts: "field", skip: 0 });
  return {
    framer: {
      measure(input) {
        if (input.peek() !== 0) return framer.measure(input);
        const length = opening.measure(input);
        if (length === undefined || (length >= 8 && length <= MAX_OPENING)) return length;
        throw new MalformedFrameError(
          `start-up packet has ${length} bytes: expected 8 to ${MAX_OPENING}`,
        );
      },
      write: (frame, output) => (frame[0] === 0 ? opening : framer).write(frame, output),
    },
    codec: {
      ...reading((bytes, start, end) =>
        bytes[start] === 0
          ? decodeOpening(bytes.subarray(start, end))
          : readMessage(bytes, start, end)
      ),
      ...writing((message: PostgresMessage | PostgresOpening, output) =>
        "body" in message ? writeMessage(message, output) : writeOpening(message, output)
      ),
    },
    maxFrameLength: MAX_LENGTH,
  };
}

function readMessage(bytes: Uint8Array, start: number, end: number): PostgresMessage {
  return { type: String.fromCharCode(bytes[start]!), body: bytes.subarray(start + HEADER, end) };
}

function writeMessage({ type, body }: PostgresMessage, output: ByteWriter): void {
  const byte = type.length === 1 ? type.charCodeAt(0) : 0;
  if (!isType(byte)) throw new TypeError(`Invalid type ${type}: expected one letter or digit`);
  output.writeUint(byte, 1);
  output.writeUint(4 + body.length, 4);
  output.write(body);
}

/** Whether a byte is a type: a digit or a letter. */
function isType(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}

/**
 * The answer to a request to encrypt a connection to PostgreSQL: one byte without framing (PostgreSQL 18, sections
 * 54.2.11 and 54.2.12).
 *
 * ```text
 *   ┌─────────────────┐
 *   │ "S", "N" or "G" │
 *   └─────────────────┘
 *     1
 * ```
 *
 * A client that has sent `sslRequest` receives the answer, starts TLS if it is `"S"`, and switches to
 * {@link postgres}; a server switches to this protocol to send the answer. Any other byte is an error: an
 * error message of the server cannot be trusted before the handshake (CVE-2024-10977). A single byte needs no limit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { postgres, postgresAnswer } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder<unknown>(postgresAnswer());
 * decoder.push(Uint8Array.of(0x4e, 0x5a, 0, 0, 0, 5, 0x49));
 * assert.equal(decoder.read(), "N");
 * decoder.switchTo(postgres());
 * assert.deepEqual(decoder.read(), { type: "Z", body: Uint8Array.of(0x49) });
 * ```
 */
export function postgresAnswer(): Protocol<PostgresAnswer> {
  return {
    framer: fixed(1),
    codec: {
      decode([byte]) {
        const answer = String.fromCharCode(byte!);
        if (isAnswer(answer)) return answer;
        throw new MalformedFrameError(`answer is byte ${byte}: expected S, N or G`);
      },
      encode(answer) {
        if (isAnswer(answer)) return Uint8Array.of(answer.charCodeAt(0));
        throw new TypeError(`Invalid answer ${answer}: expected S, N or G`);
      },
    },
  };
}

function isAnswer(text: string): text is PostgresAnswer {
  return text === "S" || text === "N" || text === "G";
}
