/**
 * Tests that need what not every machine has. They are skipped there, and their names say why.
 *
 * @module
 */

import { bounded } from "./limits.ts";

/** Options of a test. */
export interface TestOptions {
  readonly timeout: number;
  readonly skip: boolean;
}

/**
 * Returns the name and the options of a test that is skipped for a reason, if there is one:
 *
 *     test(...unless(noIPv6, "connect() reaches ::1"), async () => {});
 */
export function unless(
  reason: string | undefined,
  name: string,
  options: { readonly timeout: number } = bounded,
): [name: string, options: TestOptions] {
  const skip = reason !== undefined;
  return [skip ? `${name} (skipped: ${reason})` : name, { ...options, skip }];
}
