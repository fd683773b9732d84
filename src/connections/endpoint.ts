import type { Endpoint, SocketOptions } from "../transports/transport.ts";

/** What says where to connect to, or to listen on. */
interface Where extends SocketOptions {
  readonly highWaterMark?: number;
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string;
  readonly reusePort?: boolean;
}

/** What may be said of a port. */
interface Ports {
  /** The smallest. */
  readonly least: number;
  /** The one that is meant when none is given. */
  readonly usual?: number;
}

/** What `sockaddr_un` holds on Linux. Node 22 would shorten a longer path in silence. */
const LONGEST_PATH = 107;

/**
 * The endpoint that options name.
 *
 * @throws {TypeError} They name none.
 * @throws {RangeError} The port is none, or the path too long.
 */
export function endpointOf(action: string, where: Where, ports: Ports): Endpoint {
  const { noDelay, keepAlive, highWaterMark, reusePort } = where;
  const how = {
    noDelay: noDelay ?? true,
    keepAlive: keepAlive ?? false,
    highWaterMark: highWaterMark ?? 65_536,
    reusePort: reusePort ?? false,
  };
  const { path } = where;
  if (path !== undefined) {
    const { length } = new TextEncoder().encode(path);
    if (length >= 1 && length <= LONGEST_PATH) return { hostname: "", port: 0, path, ...how };
    throw new RangeError(
      `Cannot ${action} a path of ${length} bytes: paths have 1 to ${LONGEST_PATH}`,
    );
  }
  const { hostname = "127.0.0.1", port = ports.usual } = where;
  if (port === undefined) {
    throw new TypeError(`Cannot ${action} ${hostname}: there is neither a port nor a path`);
  }
  if (!(Number.isInteger(port) && port >= ports.least && port <= 65_535)) {
    throw new RangeError(`Cannot ${action} port ${port}: ports are ${ports.least} to 65535`);
  }
  return { hostname, port, path: undefined, ...how };
}

/** How texts call an endpoint. */
export function nameOf({ hostname, port, path }: Endpoint): string {
  return path ?? (hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`);
}
