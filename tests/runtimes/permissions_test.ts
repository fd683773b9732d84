import assert from "node:assert/strict";
import { test } from "node:test";
import { child, runsOn } from "../support/child.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { unless } from "../support/unless.ts";

const folder = temporaryFolder();
const attempts = [
  { to: "listen" },
  { to: "listen", hostname: "localhost" },
  { to: "listen", path: `${folder}/here` },
  { to: "connect", port: 1 },
  { to: "connect", port: 1, hostname: "localhost" },
  { to: "connect", path: `${folder}/here` },
];

/** Runs a command of this runtime without permission to use the network. */
function restricted([program, ...args]: readonly string[]): readonly string[] {
  const files = args.filter((arg) => arg !== "run" && !arg.startsWith("-"));
  return runsOn("deno")
    ? [program!, "run", "--no-check", "--no-prompt", "--allow-read", "--allow-env", ...files]
    : [program!, "--permission", "--allow-fs-read=*", ...files];
}

// Node can restrict the network as of version 25; Bun cannot.
const restricts = runsOn("deno") ||
  (runsOn("node") && Number.parseInt(process.versions.node) >= 25);
const unrestricted = restricts ? undefined : "this runtime has no permissions";

test(
  ...unless(unrestricted, 'listen() and connect() report "permissionDenied" without permission'),
  async () => {
    const process = child("socket_roles attempts", { attempts }, restricted);
    for (const attempt of attempts) {
      assert.equal(await process.next(), "permissionDenied", JSON.stringify(attempt));
    }
    await process.ended;
  },
);
