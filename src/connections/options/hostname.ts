import { invalidOption } from "../../bytes/invalid_option.ts";

/** An IPv6 address, which may have a zone, or another host: at most 254 characters. */
const HOST =
  /^(?=.{1,254}$)(?:([\da-f.]*:[\da-f:.]+(?:%[\w.-]+)?)|[\w\-\u0080-\uffff]+(?:\.[\w\-\u0080-\uffff]+)*\.?)$/i;

/**
 * Returns a host name or an IP address in the form that every runtime accepts: names in ASCII, IPv6
 * addresses without brackets. Runtimes report other text late and in different ways, and some take an
 * empty name for this machine or for all of its addresses.
 *
 * @param option Name of the option, for the error text.
 * @throws {TypeError} The value is invalid. For a URL the text says which parts to use.
 */
export function hostnameOf(option: string, value: unknown): string {
  const text = typeof value === "string" ? value : "";
  const hostname = canonical(text);
  if (hostname !== undefined) return hostname;
  // The error must not show a password.
  const shown = typeof value === "string" ? text.replace(/[^/]*@/, "") : value;
  throw invalidOption(option, shown, `a host name or an IP address${suggestionFor(text)}`);
}

function canonical(text: string): string | undefined {
  const [whole, address] = HOST.exec(text.replace(/^\[(.*:.*)\]$/, "$1")) ?? [];
  const url = whole && urlOf(`http://${address ? `[${address.replace(/%.*/, "")}]` : whole}`);
  return url && (address ?? url.hostname);
}

/** Suggests what to use instead of a URL or a host with a port. */
function suggestionFor(text: string): string {
  const { hostname = "", port } = urlOf(text.includes("://") ? text : `tcp://${text}`) ?? {};
  const host = canonical(hostname);
  return host ? `, use "${host}"${port ? ` and port ${port}` : ""}` : "";
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
