/**
 * Reports uncaught errors. `deno test` ignores them in files that import `node:test`, and does not report
 * the later tests of a file that throws after its first one. `scripts/test.ts` loads this module before each
 * file and counts the reports as failures.
 *
 * @module
 */

import { UNCAUGHT } from "./test_report.ts";

globalThis.addEventListener("unhandledrejection", ({ reason }) => report(reason));
globalThis.addEventListener("error", ({ error }) => report(error));

function report(error: unknown): void {
  const text = error instanceof Error ? error.stack ?? error.message : error;
  console.error(`${UNCAUGHT} ${JSON.stringify([Deno.mainModule, String(text)])}`);
}
