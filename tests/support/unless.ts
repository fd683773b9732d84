/**
 * Skips tests whose requirements this machine does not meet, and adds the reason to their names.
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
 * Returns the name and the options of a test that is skipped if there is a reason:
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
