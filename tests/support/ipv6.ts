import { existsSync, readFileSync } from "node:fs";

/** Reason why IPv6 cannot be used, or `undefined`. */
export const noIPv6: string | undefined = whyNoIPv6();

function whyNoIPv6(): string | undefined {
  const addresses = "/proc/net/if_inet6";
  // IPv6 is assumed where the system does not list its addresses in a file.
  if (!existsSync("/proc/net")) return undefined;
  const loopback = "00000000000000000000000000000001";
  const found = existsSync(addresses) && readFileSync(addresses, "utf8").includes(loopback);
  return found ? undefined : "there is no IPv6";
}
