/**
 * Runs checks in parts, and prints one line for each part.
 *
 * @module
 */

/** A check: what it is about, and a body that throws, or returns a note for the line of its part. */
export type Check = readonly [what: string, body: () => Promise<string | void>];

/** Counts the checks of all parts. */
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
   * Runs the checks of a part, `width` of them at a time, and prints one line: how many there were, how
   * long they took, and their notes. Every check that fails is printed in full before it.
   */
  async part(name: string, checks: readonly Check[], width = 1): Promise<void> {
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
    await Promise.all(Array.from({ length: width }, work));
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
