import type { ByteReader } from "../bytes/byte_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { MalformedFrameError } from "../errors.ts";

/** The protocol header with which both sides of AMQP agree on a version. */
export interface AmqpProtocolHeader {
  /** Distinguishes the header from frames. */
  readonly type: "protocol";
  /** Protocol: 0 for AMQP, 2 for TLS, 3 for SASL in AMQP 1.0; 0 in AMQP 0-9-1. */
  readonly id: number;
  /** Version, revision last: `[0, 9, 1]` or `[1, 0, 0]`. */
  readonly version: readonly [major: number, minor: number, revision: number];
}

const MAGIC = [0x41, 0x4d, 0x51, 0x50];

/**
 * Measures a protocol header.
 *
 * @throws {MalformedFrameError} The bytes are not a protocol header.
 */
export function measureProtocolHeader(input: ByteReader): number | undefined {
  if (input.length < 8) return undefined;
  if (MAGIC.every((byte, index) => input.peek(index) === byte)) return 8;
  throw new MalformedFrameError("it is neither a frame nor a protocol header");
}

/** Whether a frame is a protocol header: as a type or a length, its first byte would be unknown or over 1 GB. */
export function isProtocolHeader(first: number | undefined): boolean {
  return first === MAGIC[0];
}

/** Returns the protocol header in a frame. */
export function decodeProtocolHeader(frame: Uint8Array): AmqpProtocolHeader {
  return { type: "protocol", id: frame[4]!, version: [frame[5]!, frame[6]!, frame[7]!] };
}

/** Writes a protocol header. */
export function writeProtocolHeader(header: AmqpProtocolHeader, output: ByteWriter): void {
  output.write(Uint8Array.from(MAGIC));
  for (const byte of [header.id, ...header.version]) output.writeUint(byte, 1);
}
