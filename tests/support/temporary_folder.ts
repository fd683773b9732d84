import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";

/** Creates a folder, which is removed with its contents when the tests of this process end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(`${tmpdir()}/framewright-`);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // `deno test` ends without an "exit" of the process.
  if ("Deno" in globalThis) globalThis.addEventListener("unload", remove);
  else process.on("exit", remove);
  return folder;
}
