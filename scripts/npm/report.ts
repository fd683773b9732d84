/**
 * Runs checks in parts, and prints one line for each part.
 *
 * @module
 */

/** A check: its name, and a function that throws if it fails and may return a note to print. */
export type Check = readonly [what: string, body: () => Promise<string | void>];

/** Runs checks and counts their results. */
export class Report {
  #passed = 0;
  #failed = 0;

  /** Number of checks that passed. */
  get passed(): number {
    return this.#passed;
  }

  /** Number of checks that failed. */
  get failed(): number {
    return this.#failed;
  }

  /**
   * Runs the checks of a part, up to `parallel` of them at a time, and prints one line with their number,
   * duration and notes. Before it, it prints each failure in full.
   */
  async part(name: string, checks: readonly Check[], parallel = 1): Promise<void> {
    const start = performance.now();
    const notes: string[] = [];
    let failed = 0;
    const rest = checks.entries();
    async function work(): Promise<void> {
      for (const [index, [what, body]] of rest) {
        try {
          notes[index] = await body() ?? "";
        } catch (error) {
          failed++;
          console.log(`not ok ${name}: ${what}\n${(error as Error).message.replace(/^/gm, "  ")}`);
        }
      }
    }
    await Promise.all(Array.from({ length: parallel }, work));
    this.#passed += checks.length - failed;
    this.#failed += failed;
    const time = `${((performance.now() - start) / 1000).toFixed(1)} s`;
    const noted = notes.filter((note) => note !== "").map((note) => `; ${note}`).join("");
    console.log(
      failed > 0
        ? `not ok ${name}: ${failed} of ${checks.length} failed in ${time}${noted}`
        : `ok ${name}: ${checks.length} passed in ${time}${noted}`,
    );
  }
}
