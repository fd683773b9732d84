/**
 * Processes that print one JSON value a line, and wait for a line before they continue: tests wait for
 * events, not for a time.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";

/** A running process and its output. */
export class LineProcess {
  /** All that it has printed, once it has ended with the code 0. */
  readonly ended: Promise<unknown[]>;
  readonly #child: ChildProcess;
  readonly #lines: unknown[] = [];
  #told = 0;
  #rest = "";
  #errors = "";
  #over = false;
  #wake: (() => void)[] = [];

  /** Starts it. */
  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [program, ...args] = command;
    const child = this.#child = spawn(program!, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    child.stdin!.on("error", () => {});
    child.stdout!.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => this.#errors += text);
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        this.#over = true;
        this.#wakeAll();
        if (code === 0) resolve(this.#lines);
        else reject(new Error(`${program} ended with ${code}: ${this.#errors}`));
      });
    });
    this.ended.catch(() => {});
  }

  /** Process id. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** All that it has printed so far. */
  get lines(): readonly unknown[] {
    return this.#lines;
  }

  /** Its error output. */
  get errors(): string {
    return this.#errors;
  }

  /** Returns the next value that it prints. */
  async next(): Promise<unknown> {
    while (this.#told === this.#lines.length) {
      if (this.#over) throw new Error(`The process has ended: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return this.#lines[this.#told++];
  }

  /** Writes a line to its input, for which it waits. */
  go(line: string = ""): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Ends its input. */
  end(): void {
    this.#child.stdin!.end();
  }

  /** Kills it. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#lines.push(JSON.parse(line));
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
