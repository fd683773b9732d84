import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { child, quiet, runsOn, scriptCommand } from "../support/child.ts";
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

const notDeno = runsOn("deno") ? undefined : "not on Deno";

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

test(
  ...unless(unrestricted, 'spawn() reports "permissionDenied" without permission'),
  () => {
    const [program, ...args] = restricted(scriptCommand("stdio_roles attempts"));
    const { stderr } = spawnSync(program!, args, { env: { ...process.env, ...quiet } });
    assert.equal(`${stderr}`, '"permissionDenied"\n"permissionDenied"\n');
  },
);

test(
  ...unless(notDeno, 'spawn() reports "permissionDenied" if the environment cannot be read'),
  () => {
    const [program, ...args] = restricted(scriptCommand("stdio_roles attempts"));
    const limited = args.flatMap((arg) =>
      arg === "--allow-env" ? ["--allow-run", "--allow-env=FRAMEWRIGHT_SLOWNESS"] : arg
    );
    const { stderr } = spawnSync(program!, limited, { env: { ...process.env, ...quiet } });
    assert.equal(`${stderr}`, '"permissionDenied"\n"permissionDenied"\n');
  },
);
