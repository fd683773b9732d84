/**
 * The part of `node:test` that the tests use, for Workers and browsers. An import map replaces `node:test`
 * with it.
 *
 * @module
 */

interface Context {
  skip(reason?: string): void;
}
interface Options {
  readonly skip?: boolean | string;
}
type Body = (context: Context) => void | Promise<void>;

/** Results of all tests. */
export interface Results {
  /** A line for each test that failed or was skipped. */
  readonly lines: string[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const tests: { readonly name: string; readonly options: Options; readonly body: Body }[] = [];

/** Registers a test. */
export function test(name: string, ...rest: [Body] | [Options, Body]): void {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  tests.push({ name, options, body });
}

/** Runs the registered tests one after another. */
export async function run(): Promise<Results> {
  const lines: string[] = [];
  let [passed, failed, skipped] = [0, 0, 0];
  for (const { name, options, body } of tests) {
    let reason: unknown = options.skip || undefined;
    try {
      if (reason === undefined) await body({ skip: (given) => reason = given ?? true });
      if (reason === undefined) passed++;
      else {
        skipped++;
        lines.push(`skipped ${name}: ${reason}`);
      }
    } catch (error) {
      failed++;
      lines.push(`not ok ${name}: ${(error as Error).stack ?? error}`);
    }
  }
  return { lines, passed, failed, skipped };
}
