/**
 * Roles of child processes that use `stdio()`. They report to stderr, as lines of JSON.
 *
 *     stdio_roles echo '{}'
 *
 * @module
 */

import { readdirSync, readFileSync, writeSync } from "node:fs";
import {
  type Connection,
  ConnectionError,
  lengthPrefixed,
  spawn,
  stdio,
  uint32,
} from "../../mod.ts";
import { task } from "./child.ts";
import { textLines } from "./connections.ts";
import { resolves, sleep } from "./limits.ts";

const binary = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };

const roles: Readonly<Record<string, (options: RoleOptions) => Promise<void>>> = {
  async echo() {
    const connection = stdio(binary);
    for await (const message of connection) await connection.send(message);
  },

  async lines() {
    const connection = stdio(textLines);
    for await (const line of connection) await connection.send(`got ${line}`);
    await connection.close();
  },

  /** Replies to one line, and closes while stdin is still open. */
  async once() {
    const connection = stdio(textLines);
    await connection.send(`got ${await connection.receive()}`);
    await connection.close();
    report(await connection.closed);
  },

  /** Sends one large message without waiting, and closes. */
  async large({ length = 0 }) {
    const connection = stdio(binary);
    void connection.send(new Uint8Array(length).fill(7));
    await connection.close();
  },

  /** Sends until it has to wait, then reports how much that was, and waits. */
  async flood({ length = 0 }) {
    const connection = stdio(binary);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    for (let count = 1;; count++) {
      const sent = connection.send(new Uint8Array(length));
      if (await resolves(sent, 500)) continue;
      report({ count, pending: connection.pending, ticks });
      await connection.flush();
      report("flushed");
      clearInterval(timer);
      return connection.close();
    }
  },

  /** Finishes sending first, and then reports what it receives. */
  async half() {
    const connection = stdio(textLines);
    await connection.send("done");
    await connection.closeWrite();
    for await (const line of connection) report(line);
    report(await connection.closed);
  },

  /** Sends until that fails, and reports the failure. */
  async failing() {
    const connection = stdio(textLines);
    try {
      for (;;) {
        await connection.send("x".repeat(1000));
        await connection.flush();
      }
    } catch (error) {
      report((error as ConnectionError).code);
    }
    await connection.close().catch(() => {});
    report(await connection.closed);
  },

  /** Reports what it receives, or the code of the error. */
  async receiving() {
    const connection = stdio(textLines);
    const outcome = await connection.receive().then((line) => line ?? "the end", codeOf);
    report(outcome);
    await connection.close().catch(() => {});
  },

  /** Starts many processes, and reports what they leave behind. */
  async parent({ count = 0 }) {
    await cat();
    const before = open();
    for (let index = 0; index < count; index++) await cat(index);
    await sleep(50);
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
    report({ descriptors: open() - before, children: children.trim(), listeners: listeners() });
  },

  /** Starts a process with inherited stderr, and exits once it is closed. */
  async inherit() {
    const child = await spawn({ command: "sh", args: ["-c", "echo loud >&2; cat"], ...textLines });
    await child.close();
  },

  /** Starts a process, and exits although it is still running. */
  async unref() {
    const child = await spawn({ command: "cat", ...textLines });
    await child.send("line");
    report(await child.receive());
    void child.receive().catch(() => {});
    child.unref();
    report(child.pid);
  },
};

interface RoleOptions {
  readonly count?: number;
  readonly length?: number;
}

/** Starts `cat`, which ends in one of several ways. */
async function cat(kind = 0): Promise<void> {
  const stderr = kind % 2 === 0 ? "piped" : "inherit";
  const child: Connection<string> & { readonly exited: Promise<unknown> } = await spawn({
    command: "cat",
    stderr,
    ...textLines,
  });
  await child.send("line");
  await child.receive();
  if (kind % 3 === 0) child.abort();
  await child.close();
  await child.exited;
}

function listeners(): number {
  return process.listenerCount("exit") + process.listenerCount("SIGCHLD");
}

function open(): number {
  return readdirSync("/proc/self/fd").length;
}

function codeOf(error: unknown): string {
  return error instanceof ConnectionError ? error.code : `${error}`;
}

function report(value: unknown): void {
  writeSync(2, `${JSON.stringify(value)}\n`);
}

const [role, options] = task<RoleOptions>();
await roles[role]!(options);
