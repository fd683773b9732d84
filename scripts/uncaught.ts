/**
 * Reports errors that nothing has caught. Where tests import `node:test`, `deno test` passes over them, and
 * a file that throws after its first test seems to have no others. `scripts/test.ts` loads this before each
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
