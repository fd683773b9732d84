import type { ByteReader } from "../bytes/byte_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import type { Address } from "../transports/transport.ts";
import { crc32c } from "./crc32c.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";
import { decodeAddresses, encodeAddresses } from "./proxy_v2_addresses.ts";

/** An additional value in a header of the PROXY protocol, version 2. */
export interface ProxyV2Value {
  /** Type: 1 for ALPN, 2 for the host name, 5 for a unique identifier, 0x20 for TLS. */
  readonly type: number;
  /** Value. */
  readonly value: Uint8Array;
}

/** The header of the PROXY protocol, version 2. */
export interface ProxyV2Header {
  /** Whether the proxy relays a client, or has connected by itself, for example to check health. */
  readonly command: "proxy" | "local";
  /** How the client is connected; default `"stream"`. */
  readonly transport?: "stream" | "datagram";
  /** The client's address, a path for a Unix domain socket; absent if it is unknown. */
  readonly source?: Address;
  /** The address that the client connected to; absent if it is unknown. */
  readonly destination?: Address;
  /**
   * Additional values; default: none, and none if the addresses are unknown. One of type 3 is the header's
   * checksum, which is computed.
   */
  readonly values?: readonly ProxyV2Value[];
}

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const HEADER = 16;
const VERSION = 0x20;
const CHECKSUM = 3;
const CHECKSUM_SIZE = 4;

/**
 * The header of the PROXY protocol, version 2: bytes before the first one of a connection, with the addresses that
 * a proxy has seen (HAProxy, "The PROXY protocol", section 2.2).
 *
 * ```text
 *   ┌───────────┬───────────────────┬────────────────────┬────────┬───────────┬────────┐
 *   │ signature │ version, command  │ family, transport  │ length │ addresses │ values │
 *   └───────────┴───────────────────┴────────────────────┴────────┴───────────┴────────┘
 *     12          1                   1                    2        0 to 216
 * ```
 *
 * After it the connection switches to its protocol; bytes that arrived with the header are kept. Accept the header
 * only from proxies, since anybody can write one. A checksum is verified. An invalid header ends the stream, as the
 * specification requires. The default limit is 4,096 bytes; headers are meant to fit in a packet of 536.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder, lines, text } from "@framewright/framewright";
 * import { proxyV2 } from "@framewright/framewright/protocols";
 *
 * const encoder = new FrameEncoder(proxyV2());
 * const source = { hostname: "2001:db8::1", port: 56324 };
 * encoder.write({ command: "proxy", source, destination: { hostname: "2001:db8::2", port: 25 } });
 * const decoder = new FrameDecoder<unknown>(proxyV2());
 * for (const chunk of encoder.drain()) decoder.push(chunk);
 * decoder.push(new TextEncoder().encode("EHLO example.com\r\n"));
 * assert.deepEqual((decoder.read() as { source: unknown }).source, source);
 * decoder.switchTo({ framer: lines(), codec: text() });
 * assert.equal(decoder.read(), "EHLO example.com");
 * ```
 */
export function proxyV2(): Protocol<ProxyV2Header> {
  const { measure, write: writeFrame } = headerFramer(HEADER, { offset: 14, size: 2 });
  const framer: Framer = {
    measure(input) {
      refuseOtherStart(input);
      return measure(input);
    },
    write: writeFrame,
  };
  return sequence<ProxyV2Header>({
    *read() {
      return decode(yield* part({ framer }));
    },
    write,
    maxFrameLength: 4096,
  });
}

/** Refuses bytes that do not begin with the whole signature and version 2, as soon as they arrive. */
function refuseOtherStart(input: ByteReader): void {
  for (let at = 0; at < SIGNATURE.length; at++) {
    const byte = input.peek(at);
    if (byte === undefined) return;
    if (byte !== SIGNATURE[at]) {
      throw new MalformedFrameError("it is not a header of PROXY, version 2");
    }
  }
  const command = input.peek(SIGNATURE.length);
  if (command !== undefined && command >> 1 !== VERSION >> 1) {
    throw new MalformedFrameError(`version and command ${command} are unknown`);
  }
}

function decode(frame: Uint8Array): ProxyV2Header {
  // What a proxy adds to a connection of its own must be ignored.
  if (frame[12] === VERSION) return { command: "local" };
  const { end, ...addresses } = decodeAddresses(frame, HEADER);
  return { command: "proxy", ...addresses, values: valuesOf(frame, end) };
}

function valuesOf(frame: Uint8Array, start: number): ProxyV2Value[] {
  const values: ProxyV2Value[] = [];
  for (let at = start; at < frame.length;) {
    const next = at + 3 + uint(frame, at + 1, 2);
    if (!(next <= frame.length)) throw new MalformedFrameError("value ends after the PROXY header");
    const [type, value] = [frame[at]!, frame.subarray(at + 3, next)];
    if (type === CHECKSUM && !verify(frame, at + 3, value)) {
      throw new MalformedFrameError("checksum of the PROXY header is wrong");
    }
    values.push({ type, value });
    at = next;
  }
  return values;
}

/** Returns whether a checksum is that of the header in which its own bytes are zero. */
function verify(frame: Uint8Array, at: number, checksum: Uint8Array): boolean {
  if (checksum.length !== CHECKSUM_SIZE) return false;
  const header = frame.slice();
  header.fill(0, at, at + CHECKSUM_SIZE);
  return crc32c(header) === uint(checksum, 0, CHECKSUM_SIZE);
}

function write(header: ProxyV2Header, output: ByteWriter): void {
  const { command, transport = "stream", source, destination, values = [] } = header;
  const { family, bytes } = encodeAddresses(source, destination);
  let length = bytes.length;
  let checksumAt = 0;
  for (const { type, value } of values) {
    if (type === CHECKSUM) checksumAt = HEADER + length + 3;
    length += 3 + (type === CHECKSUM ? CHECKSUM_SIZE : value.length);
  }
  if (length > 65_535) throw new RangeError(`Cannot write PROXY header of ${length} bytes`);
  const frame = new Uint8Array(HEADER + length);
  frame.set(SIGNATURE);
  frame[12] = VERSION + (command === "proxy" ? 1 : 0);
  frame[13] = family === 0 ? 0 : family * 16 + (transport === "stream" ? 1 : 2);
  frame[14] = length >> 8;
  frame[15] = length;
  frame.set(bytes, HEADER);
  let at = HEADER + bytes.length;
  for (const { type, value } of values) {
    const size = type === CHECKSUM ? CHECKSUM_SIZE : value.length;
    frame.set([type, size >> 8, size & 0xff], at);
    if (type !== CHECKSUM) frame.set(value, at + 3);
    at += 3 + size;
  }
  if (checksumAt > 0) {
    const crc = crc32c(frame);
    frame.set([crc >>> 24, crc >>> 16, crc >>> 8, crc], checksumAt);
  }
  output.write(frame);
}
