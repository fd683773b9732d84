import type { ByteReader } from "../bytes/byte_reader.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import { part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import type { Address } from "../transports/transport.ts";
import { ipBytes } from "./ip_address.ts";

/** The endpoints of the connection that a proxy has accepted. */
export interface ProxyV1Header {
  /** The client's address; absent if it is unknown. */
  readonly source?: Address;
  /** The address that the client connected to; absent if it is unknown. */
  readonly destination?: Address;
}

const encoder = /* @__PURE__ */ new TextEncoder();
const START = /* @__PURE__ */ encoder.encode("PROXY ");
const END = /* @__PURE__ */ encoder.encode("\r\n");
/** Maximum length of the line in bytes, its end included. */
const MAX_LINE = 107;
const WITHIN = { within: MAX_LINE - 2 };

/**
 * The header of the PROXY protocol, version 1: a line before the first byte of a connection, with the addresses
 * that a proxy has seen (HAProxy, "The PROXY protocol", section 2.1).
 *
 * ```text
 *   ┌───────────────────────────────────────────────────────────────┬───────┐
 *   │ PROXY TCP4|TCP6 source destination sourcePort destinationPort │ CR LF │   or PROXY UNKNOWN …
 *   └───────────────────────────────────────────────────────────────┴───────┘
 * ```
 *
 * After it the connection switches to its protocol; bytes that arrived with the header are kept. Accept the header
 * only from proxies, since anybody can write one. An invalid header ends the stream, as the specification requires.
 * The limit is 107 bytes, its maximum.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lines, text } from "@framewright/framewright";
 * import { proxyV1 } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder<unknown>(proxyV1());
 * const bytes = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 25\r\nEHLO example.com\r\n";
 * decoder.push(new TextEncoder().encode(bytes));
 * assert.deepEqual(decoder.read(), {
 *   source: { hostname: "192.0.2.1", port: 56324 },
 *   destination: { hostname: "198.51.100.7", port: 25 },
 * });
 * decoder.switchTo({ framer: lines(), codec: text() });
 * assert.equal(decoder.read(), "EHLO example.com");
 * ```
 */
export function proxyV1(): Protocol<ProxyV1Header> {
  return sequence<ProxyV1Header>({
    *read() {
      return headerOf(new TextDecoder().decode(yield* part({ framer: line })).split(" "));
    },
    write: (header, output) => output.write(encoder.encode(`PROXY ${textOf(header)}\r\n`)),
    maxFrameLength: MAX_LINE,
  });
}

const line: Framer = {
  measure(input) {
    refuseOtherStart(input);
    const at = input.find(END, WITHIN);
    if (at !== undefined) input.drop(END.length);
    else if (input.length >= MAX_LINE) {
      throw new MalformedFrameError(`line has more than ${MAX_LINE} bytes`);
    }
    return at;
  },
  write: (frame, output) => output.write(frame),
};

/** Refuses bytes that do not begin with the exact word, as soon as they arrive. */
function refuseOtherStart(input: ByteReader): void {
  for (let at = 0; at < START.length; at++) {
    const byte = input.peek(at);
    if (byte === undefined) return;
    if (byte !== START[at]) throw new MalformedFrameError("it is not a header of PROXY, version 1");
  }
}

function headerOf(words: readonly string[]): ProxyV1Header {
  const [, family, source, destination, sourcePort, destinationPort] = words;
  // What follows UNKNOWN must be ignored.
  if (family === "UNKNOWN") return {};
  if ((family === "TCP4" || family === "TCP6") && words.length === 6) {
    const [length, addresses] = [family === "TCP4" ? 4 : 16, [source!, destination!]];
    const ports = [sourcePort!, destinationPort!];
    if (
      addresses.every((address) => ipBytes(address)?.length === length) &&
      ports.every((port) => /^(0|[1-9]\d{0,4})$/.test(port) && Number(port) <= 65_535)
    ) {
      return {
        source: { hostname: source!, port: Number(sourcePort) },
        destination: { hostname: destination!, port: Number(destinationPort) },
      };
    }
  }
  throw new MalformedFrameError("addresses or ports of the PROXY header are invalid");
}

function textOf({ source, destination }: ProxyV1Header): string {
  if (source === undefined || destination === undefined) return "UNKNOWN";
  const [one, other] = [ipBytes(source.hostname), ipBytes(destination.hostname)];
  const ports = [source.port, destination.port];
  if (
    one === undefined || one.length !== other?.length ||
    !ports.every((port) => Number.isInteger(port) && port >= 0 && port <= 65_535)
  ) {
    throw new TypeError(
      `Cannot write addresses ${source.hostname} and ${destination.hostname}: expected IP addresses of one family, and ports`,
    );
  }
  const family = one.length === 4 ? "TCP4" : "TCP6";
  return `${family} ${source.hostname} ${destination.hostname} ${ports[0]} ${ports[1]}`;
}
