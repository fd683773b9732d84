import { existsSync, readFileSync } from "node:fs";

/** Why there is no IPv6; `undefined`: there is. */
export const noIPv6: string | undefined = whyNoIPv6();

function whyNoIPv6(): string | undefined {
  const addresses = "/proc/net/if_inet6";
  // Where there is no such list, IPv6 is taken for granted.
  if (!existsSync("/proc/net")) return undefined;
  const loopback = "00000000000000000000000000000001";
  const found = existsSync(addresses) && readFileSync(addresses, "utf8").includes(loopback);
  return found ? undefined : "there is no IPv6";
}
