import type { Address } from "./transport.ts";

/** Returns the address of a Unix domain socket, for both ends. */
export function unixAddress(path: string): Address {
  return { hostname: "", port: 0, path };
}

/** Returns the address that the system reports; `undefined` if it reports none. */
export function ipAddress(
  hostname: string | undefined,
  port: number | undefined,
): Address | undefined {
  return hostname === undefined || port === undefined ? undefined : { hostname, port };
}

/** Parses an address in the form that `connect` of Workers takes (`[::1]:80`), or with a separate port. */
export function parseAddress(
  address: string | undefined,
  port: number | undefined,
): Address | undefined {
  if (port !== undefined) return ipAddress(address, port);
  const [, hostname, digits] = /^\[?(.*?)\]?:(\d+)$/.exec(address ?? "") ?? [];
  return hostname === undefined ? undefined : { hostname, port: Number(digits) };
}

/** Formats an address for error messages. */
export function addressLabel(
  { hostname, port, path }: {
    readonly hostname: string;
    readonly port: number;
    readonly path?: string | undefined;
  },
): string {
  return path ?? (hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`);
}
