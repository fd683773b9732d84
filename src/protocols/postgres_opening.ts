import type { ByteWriter } from "../bytes/byte_writer.ts";
import { text } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import { uint } from "./integers.ts";

/** The request that opens a session of PostgreSQL. */
export interface PostgresStartup {
  /** Distinguishes it from other messages. */
  readonly type: "startup";
  /** Version of the protocol: `[3, 0]` or `[3, 2]`. */
  readonly version: readonly [major: number, minor: number];
  /** Parameters, such as `user` and `database`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The request of a client of PostgreSQL to encrypt the connection, which one byte answers. */
export interface PostgresEncryptionRequest {
  /** Distinguishes it from other messages: encryption by TLS, or by GSSAPI. */
  readonly type: "sslRequest" | "gssencRequest";
}

/** The request to cancel what another connection to PostgreSQL is doing. */
export interface PostgresCancelRequest {
  /** Distinguishes it from other messages. */
  readonly type: "cancelRequest";
  /** Process that serves the other connection. */
  readonly processId: number;
  /** Its secret key: 4 bytes, or up to 256 in version 3.2. */
  readonly secretKey: Uint8Array;
}

/** A message of PostgreSQL without a type byte, which only clients send, before all others. */
export type PostgresOpening =
  | PostgresStartup
  | PostgresEncryptionRequest
  | PostgresCancelRequest;

/** Major version of the requests other than start-up, and their minor versions. */
const REQUEST = 1234;
const CANCEL = 5678;
const SSL = 5679;
const GSSENC = 5680;
const HEADER = 8;

/**
 * Decodes a message without a type byte.
 *
 * @throws {MalformedFrameError} The message is invalid.
 */
export function decodeOpening(frame: Uint8Array): PostgresOpening {
  const [major, minor] = [uint(frame, 4, 2), uint(frame, 6, 2)];
  if (major !== REQUEST) {
    return { type: "startup", version: [major, minor], parameters: parametersOf(frame) };
  }
  if (minor === CANCEL && frame.length >= HEADER + 8) {
    return {
      type: "cancelRequest",
      processId: uint(frame, HEADER, 4),
      secretKey: frame.subarray(HEADER + 4),
    };
  }
  if (frame.length === HEADER) {
    if (minor === SSL) return { type: "sslRequest" };
    if (minor === GSSENC) return { type: "gssencRequest" };
  }
  throw new MalformedFrameError(`unknown request ${minor} of ${frame.length} bytes`);
}

/** Returns the parameters: names and values, each followed by a zero byte, and another one at the end. */
function parametersOf(frame: Uint8Array): Record<string, string> {
  const parts = text().decode(frame.subarray(HEADER)).split("\0");
  const parameters: [string, string][] = [];
  let at = 0;
  for (; parts[at]; at += 2) parameters.push([parts[at]!, parts[at + 1] ?? ""]);
  // The zero byte at the end is an empty name, and nothing follows it.
  if (at !== parts.length - 2 || parts[at + 1] !== "") {
    throw new MalformedFrameError("start-up parameters are incomplete");
  }
  return Object.fromEntries(parameters);
}

/**
 * Writes a message without a type byte.
 *
 * @throws {TypeError} A parameter has no name, or contains a zero byte.
 */
export function writeOpening(message: PostgresOpening, output: ByteWriter): void {
  const { type } = message;
  if (type === "startup") {
    const parameters = encodeParameters(message.parameters);
    const [major, minor] = message.version;
    writeHeader(major, minor, parameters.length, output);
    output.write(parameters);
  } else if (type === "cancelRequest") {
    const { processId, secretKey } = message;
    writeHeader(REQUEST, CANCEL, 4 + secretKey.length, output);
    output.writeUint(processId, 4);
    output.write(secretKey);
  } else writeHeader(REQUEST, type === "sslRequest" ? SSL : GSSENC, 0, output);
}

function writeHeader(major: number, minor: number, length: number, output: ByteWriter): void {
  output.writeUint(HEADER + length, 4);
  output.writeUint(major, 2);
  output.writeUint(minor, 2);
}

function encodeParameters(parameters: Readonly<Record<string, string>>): Uint8Array {
  let all = "";
  for (const [name, value] of Object.entries(parameters)) {
    if (name === "" || (name + value).includes("\0")) {
      throw new TypeError("Cannot write parameter: it has no name, or contains a zero byte");
    }
    all += `${name}\0${value}\0`;
  }
  return text().encode(all + "\0");
}
