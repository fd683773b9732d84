/**
 * Other programs as peers. Their output is read as it arrives.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { scaled } from "./limits.ts";
import { type TestOptions, unless } from "./unless.ts";

/** Returns the name and the options of a test that is skipped if one of the programs is missing. */
export function needing(
  programs: readonly string[],
  name: string,
): [name: string, options: TestOptions] {
  const missing = programs.filter((program) => !installed(program));
  return unless(missing.length > 0 ? `${missing.join(", ")} not found` : undefined, name);
}

/** A running program. It is terminated after a while if its test has not ended it. */
export class Program {
  /** Its exit code, once it has exited. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #output: Uint8Array[] = [];
  #length = 0;
  #errors = "";
  #exited = false;
  #wake: (() => void)[] = [];

  /** Starts the program. */
  constructor(...command: readonly string[]) {
    const child = this.#child = spawn("timeout", [`${scaled(40)}`, ...command], { stdio: "pipe" });
    child.stdin!.on("error", () => {});
    child.stdout!.on("data", (chunk: Uint8Array) => {
      this.#output.push(new Uint8Array(chunk));
      this.#length += chunk.length;
      this.#wakeAll();
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
      this.#wakeAll();
    });
    this.ended = new Promise((resolve) => {
      child.on("close", (code) => {
        this.#exited = true;
        this.#wakeAll();
        resolve(code);
      });
    });
  }

  /** Writes bytes, or a string as UTF-8, to its input. */
  write(input: string | Uint8Array): void {
    this.#child.stdin!.write(input);
  }

  /** Ends its input. */
  end(): void {
    this.#child.stdin!.end();
  }

  /** Returns the next `count` bytes of its output. */
  async read(count: number): Promise<Uint8Array> {
    await this.#until(() => this.#length >= count);
    return this.#take(count);
  }

  /** Returns the next line of its output. */
  async line(): Promise<string> {
    await this.#until(() => this.#output.some((chunk) => chunk.includes(LF)));
    const line = this.#take(this.#join().indexOf(LF) + 1);
    return new TextDecoder().decode(line.subarray(0, -1));
  }

  /** Returns the rest of its output. */
  async rest(): Promise<Uint8Array> {
    await this.ended;
    return this.#take(this.#length);
  }

  /** Waits for a match of a pattern in its error output. */
  async told(pattern: RegExp): Promise<RegExpExecArray> {
    await this.#until(() => pattern.test(this.#errors));
    return pattern.exec(this.#errors)!;
  }

  /** Interrupts the program, as Ctrl+C does. */
  interrupt(): void {
    // Not by the child: Deno 2.9 would then report no exit code.
    process.kill(this.#child.pid!, "SIGINT");
  }

  /** Terminates the program, and waits for its exit. */
  async kill(): Promise<void> {
    this.#child.kill();
    await this.ended;
  }

  #take(count: number): Uint8Array {
    const joined = this.#join();
    this.#output = [joined.subarray(count)];
    this.#length -= count;
    return joined.slice(0, count);
  }

  #join(): Uint8Array {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#output) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.#output = [joined];
    return joined;
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#exited) throw new Error(`The program has exited: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

const LF = 0x0a;

function installed(program: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) =>
    existsSync(`${folder}/${program}`)
  );
}
