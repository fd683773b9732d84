/**
 * Child processes that print one JSON value per line, and wait for lines of input, so that tests wait for
 * events rather than for a time.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";

/** A running process and its output. */
export class LineProcess {
  /** All values that it has printed, once it has exited with code 0. */
  readonly ended: Promise<unknown[]>;
  readonly #child: ChildProcess;
  readonly #lines: unknown[] = [];
  #returned = 0;
  #rest = "";
  #errors = "";
  #exited = false;
  #wake: (() => void)[] = [];

  /** Starts the process. */
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
        this.#exited = true;
        this.#wakeAll();
        if (code === 0) resolve(this.#lines);
        else reject(new Error(`${program} exited with code ${code}: ${this.#errors}`));
      });
    });
    this.ended.catch(() => {});
  }

  /** Process id. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** All values that it has printed so far. */
  get lines(): readonly unknown[] {
    return this.#lines;
  }

  /** Its error output. */
  get errors(): string {
    return this.#errors;
  }

  /** Returns the next value that it prints. */
  async next(): Promise<unknown> {
    while (this.#returned === this.#lines.length) {
      if (this.#exited) throw new Error(`The process has exited: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return this.#lines[this.#returned++];
  }

  /** Writes a line to its input. */
  go(line: string = ""): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Ends its input. */
  end(): void {
    this.#child.stdin!.end();
  }

  /** Kills the process. */
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
