import { invalidOption } from "./invalid_option.ts";

/** A host name in ASCII, or an IPv4 address. */
const NAME = /^(?=.{1,254}$)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?$/;

/** A host name with letters beyond ASCII. */
const WIDE_NAME = /^[\w.\-\u0080-\uffff]+$/;

/** An IPv6 address and its zone, without brackets. */
const ADDRESS = /^([\da-f:.]+)(?:%[\w.-]+)?$/i;

/** A URL, or a host with a port. */
const LOCATION =
  /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:[^/@]*@)?(\[[^\]]+\]|[^/?#:]+)(?::(\d+))?(?:[/?#]|$)/i;

/**
 * Returns a host name or an IP address in the form that every runtime accepts: names in ASCII, IPv6
 * addresses without brackets. Other text is refused, because the runtimes report it late and each in its
 * own way, and some take an empty name for this machine, or for all of its addresses.
 *
 * @param option Name of the option, for the error.
 * @throws {TypeError} The value is invalid. For a URL the text says which part of it to use.
 */
export function hostnameOf(option: string, value: unknown): string {
  const hostname = typeof value === "string" ? canonical(value) : undefined;
  if (hostname !== undefined) return hostname;
  const cure = typeof value === "string" ? cureOf(option, value) : "";
  throw invalidOption(option, value, `a host name or an IP address${cure}`);
}

function canonical(hostname: string): string | undefined {
  if (NAME.test(hostname)) return hostname;
  const address = hostname.replace(/^\[(.+)\]$/, "$1");
  const [, bare] = ADDRESS.exec(address) ?? [];
  if (bare !== undefined) return urlOf(`http://[${bare}]`) && address;
  const ascii = WIDE_NAME.test(hostname) ? urlOf(`http://${hostname}`)?.hostname : undefined;
  return ascii !== undefined && NAME.test(ascii) ? ascii : undefined;
}

function cureOf(option: string, location: string): string {
  const [, host = "", port] = LOCATION.exec(location) ?? [];
  const hostname = canonical(host);
  if (hostname === undefined) return "";
  return `, use ${option} "${hostname}"${
    port !== undefined && option === "hostname" ? ` and port ${port}` : ""
  }`;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
