import type { Address } from "./transport.ts";

/** The address of both ends of a Unix domain socket. */
export function unixAddress(path: string): Address {
  return { hostname: "", port: 0, path };
}

/** An address that the system has given; `undefined` if it has not. */
export function ipAddress(
  hostname: string | undefined,
  port: number | undefined,
): Address | undefined {
  return hostname === undefined || port === undefined ? undefined : { hostname, port };
}

/** An address as error messages show it. */
export function addressLabel(
  { hostname, port, path }: {
    readonly hostname: string;
    readonly port: number;
    readonly path?: string | undefined;
  },
): string {
  return path ?? (hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`);
}
