import { MalformedFrameError } from "../errors.ts";
import type { Address } from "../transports/transport.ts";
import { uint } from "./integers.ts";
import { ipBytes, ipText } from "./ip_address.ts";

/** Number of bytes of one address, by family: none, IPv4, IPv6, Unix domain. */
const SIZES = [0, 4, 16, 108];
const UNIX = 3;

/** The addresses of a header, and where the values begin. */
interface Addresses {
  readonly transport?: "stream" | "datagram";
  readonly source?: Address;
  readonly destination?: Address;
  readonly end: number;
}

/**
 * Decodes the addresses of a header of the PROXY protocol, version 2.
 *
 * @param at Where they begin.
 * @throws {MalformedFrameError} The family is unknown, or they are incomplete.
 */
export function decodeAddresses(frame: Uint8Array, at: number): Addresses {
  const [family, protocol] = [frame[13]! >> 4, frame[13]! & 0xf];
  const size = SIZES[family];
  if (size === undefined || protocol > 2) {
    throw new MalformedFrameError(`family and transport ${frame[13]} are unknown`);
  }
  // How long unspecified addresses are is unknown: all bytes are ignored.
  if (size === 0 || protocol === 0) return { end: frame.length };
  const ports = at + 2 * size;
  const end = family === UNIX ? ports : ports + 4;
  if (end > frame.length) {
    throw new MalformedFrameError("addresses of the PROXY header are incomplete");
  }
  const [source, destination] = [0, 1].map((index): Address => {
    const bytes = frame.subarray(at + index * size, at + (index + 1) * size);
    return family === UNIX
      ? { hostname: "", port: 0, path: pathOf(bytes) }
      : { hostname: ipText(bytes), port: uint(frame, ports + 2 * index, 2) };
  });
  const transport = protocol === 1 ? "stream" : "datagram";
  return { transport, source: source!, destination: destination!, end };
}

/** Returns a path, which zero bytes follow. The name of an abstract socket begins with one. */
function pathOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\0+$/, "");
}

/**
 * Encodes addresses; none if one is missing.
 *
 * @throws {TypeError} They are not of one family, or invalid.
 */
export function encodeAddresses(
  source: Address | undefined,
  destination: Address | undefined,
): { readonly family: number; readonly bytes: Uint8Array } {
  if (source === undefined || destination === undefined) {
    return { family: 0, bytes: new Uint8Array(0) };
  }
  const encoded = [source, destination].map((address) =>
    address.path === undefined ? ipBytes(address.hostname) : new TextEncoder().encode(address.path)
  );
  const unix = source.path !== undefined;
  const size = unix ? 108 : encoded[0]?.length ?? 0;
  const family = SIZES.indexOf(size);
  const [one, other] = encoded;
  const fits = unix
    ? destination.path !== undefined && one!.length <= size && other!.length <= size
    : destination.path === undefined && size > 0 && other?.length === size;
  if (!fits) {
    throw new TypeError(
      "Cannot write PROXY header: expected two IP addresses of one family, or two paths of at most 108 bytes",
    );
  }
  const bytes = new Uint8Array(2 * size + (unix ? 0 : 4));
  bytes.set(one!);
  bytes.set(other!, size);
  if (!unix) {
    for (const [index, { port }] of [source, destination].entries()) {
      if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
        throw new RangeError(`Invalid port ${port}: expected an integer from 0 to 65535`);
      }
      bytes.set([port >> 8, port & 0xff], 2 * size + 2 * index);
    }
  }
  return { family, bytes };
}
