/**
 * Measures how much slower this machine is, at the moment, than a quiet one.
 *
 * @module
 */

/** Environment variable that passes the slowness to all processes of a run; a global in workerd and browsers. */
export const SLOWNESS = "FRAMEWRIGHT_SLOWNESS";

/** Milliseconds that one loop, and the start of one child process, take on a quiet machine. */
const QUIET = { loop: 5, child: 15 };

/** Number of rounds. Their upper quartile reflects a busy machine, but not a single interruption. */
const ROUNDS = 12;

/** Maximum slowness, so that a wrong measurement does not make a test sleep for minutes. */
const MAX_SLOWNESS = 20;

/** Returns the factor by which this machine is slower than a quiet one, from 1 to 20. */
export function measureSlowness(): number {
  const run = starter();
  // Workers and browsers cannot measure it: `tests/web/run.ts` passes it to them.
  if (run === undefined) return 1;
  const factors = Array.from({ length: ROUNDS }, () => {
    const [loop, child] = [timed(work), timed(run)];
    return Math.max(loop / QUIET.loop, child / QUIET.child);
  });
  const factor = factors.sort((one, other) => one - other)[ROUNDS * 3 / 4]!;
  return Math.min(MAX_SLOWNESS, Math.max(1, Math.round(factor * 10) / 10));
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Result of the loop, kept so that no compiler removes it. */
let state = 1;

function work(): void {
  for (let count = 0; count < 2_500_000; count++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
}

/** Returns a function that runs a minimal child process, or `undefined` if the platform has none. */
function starter(): (() => void) | undefined {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(name: string): unknown };
  };
  const module = process?.getBuiltinModule?.("node:child_process") as
    | { spawnSync(program: string, args: readonly string[]): unknown }
    | undefined;
  return module && (() => module.spawnSync("sh", ["-c", ":"]));
}
