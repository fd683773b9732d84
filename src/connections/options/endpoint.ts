import type { Endpoint, SocketOptions } from "../../transports/transport.ts";
import { hostnameOf } from "./hostname.ts";
import { checkInteger, checkType, invalidOption } from "../../bytes/invalid_option.ts";

/** The options that name an endpoint and describe its sockets. */
interface EndpointOptions extends SocketOptions {
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string;
  readonly reusePort?: boolean;
}

/** Maximum length of a path in `sockaddr_un` on Linux. Node 22 shortens longer paths silently. */
const MAX_PATH = 107;

/**
 * Resolves the options of an endpoint. Connecting requires a port or a path; when listening, the system
 * chooses a port by default.
 *
 * @param action Beginning of the error texts.
 * @param highWaterMark The resolved option of the connection.
 * @throws {TypeError} An option is missing, excludes another one, or has the wrong type.
 * @throws {RangeError} The port, or the length of the path, is out of range.
 */
export function endpointOf(
  action: "Cannot connect to" | "Cannot listen on",
  options: EndpointOptions,
  highWaterMark: number,
): Endpoint {
  const { noDelay = true, keepAlive = false, reusePort = false } = options;
  checkType("noDelay", noDelay, "a boolean");
  checkType("keepAlive", keepAlive, "a boolean");
  checkType("reusePort", reusePort, "a boolean");
  const behavior = { noDelay, keepAlive, reusePort, highWaterMark };
  const { hostname, port, path } = options;
  if (path !== undefined) {
    checkPath(action, path);
    // An `Address` with a path has an empty hostname and port 0.
    if (!hostname && !port) return { hostname: "", port: 0, path, ...behavior };
    throw new TypeError(`${action} ${path}: expected a path or a port, not both`);
  }
  const host = hostname === undefined ? "127.0.0.1" : hostnameOf("hostname", hostname);
  const minPort = action === "Cannot connect to" ? 1 : 0;
  if (port === undefined && minPort > 0) {
    throw new TypeError(`${action} ${host}: a port or a path is required`);
  }
  if (port !== undefined) checkInteger("port", port, minPort, 65_535);
  return { hostname: host, port: port ?? 0, path, ...behavior };
}

function checkPath(action: string, path: string): void {
  if (typeof path !== "string") throw invalidOption("path", path, "a string");
  const { length } = new TextEncoder().encode(path);
  if (length < 1 || length > MAX_PATH) {
    throw new RangeError(`${action} a path of ${length} bytes: paths have 1 to ${MAX_PATH}`);
  }
}
