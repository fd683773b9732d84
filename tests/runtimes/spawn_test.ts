import assert from "node:assert/strict";
import { spawn as spawnProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import {
  type ChildConnection,
  type CodecError,
  json,
  lengthPrefixed,
  lines,
  type Protocol,
  spawn,
  type SpawnOptions,
  TruncatedFrameError,
  uint32,
} from "../../mod.ts";
import { quiet, scriptCommand } from "../support/child.ts";
import { failureOf, textLines } from "../support/connections.ts";
import { bounded, resolves, scaled, sleep } from "../support/limits.ts";
import { pattern } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const folder = temporaryFolder();
const binary = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };
/** Limits that no test reaches. */
const patient = { exitTimeout: scaled(15_000), killTimeout: scaled(15_000) };

/** Starts a role that uses `stdio()`. */
function role(name: string, options: object = {}): Pick<SpawnOptions, "command" | "args" | "env"> {
  const [command, ...args] = scriptCommand(`stdio_roles ${name}`, options);
  return { command, args, env: quiet };
}

const children: { abort(): void }[] = [];

/** Starts a child that is killed after the test, if it still runs. */
async function start<Message>(
  options: SpawnOptions & Protocol<Message>,
): Promise<ChildConnection<Message>> {
  const child = await spawn(options);
  children.push(child);
  return child;
}

afterEach(() => {
  for (const child of children.splice(0)) child.abort();
});

/** Starts a Python program, or a shell script, that exchanges lines. */
function python(program: string, options: Partial<SpawnOptions> = {}) {
  return spawn({
    command: "python3",
    args: ["-uc", program],
    ...patient,
    ...textLines,
    ...options,
  });
}
function shell(script: string, options: Partial<SpawnOptions> = {}) {
  return start({ command: "sh", args: ["-c", script], ...patient, ...textLines, ...options });
}

async function textOf(stream: ReadableStream<Uint8Array> | undefined): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

/** Whether a process exists, also as a zombie. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("spawn() exchanges messages with a child that uses stdio()", bounded, async () => {
  const child = await start({ ...role("lines"), ...patient, ...textLines });
  assert.equal(typeof child.pid, "number");
  assert.equal(child.stderr, undefined);
  await child.send("one");
  await child.send("two");
  assert.deepEqual([await child.receive(), await child.receive()], ["got one", "got two"]);
  await child.close();
  assert.deepEqual(await child.exited, { code: 0, signal: undefined });
  assert.equal(await child.closed, "local");
  assert.equal(exists(child.pid), false);
});

test("spawn() exchanges 10 MiB in both directions at once", bounded, async () => {
  const child = await start({ ...role("echo"), ...patient, ...binary });
  const chunk = pattern(65_531);
  const count = 160;
  const sent = (async () => {
    for (let index = 0; index < count; index++) await child.send(chunk);
    await child.closeWrite();
  })();
  let received = 0;
  for await (const message of child) {
    received++;
    assert.deepEqual(message, chunk);
  }
  await sent;
  assert.equal(received, count);
  assert.equal((await child.exited).code, 0);
});

test("spawn() exchanges a message of 10 MiB", bounded, async () => {
  const child = await start({ ...role("echo"), ...patient, ...binary });
  const message = pattern(10 << 20);
  void child.send(message);
  assert.deepEqual(await child.receive(), message);
});

test(
  "Connection.send() waits for a child that never reads, up to sendTimeout",
  bounded,
  async () => {
    const sendTimeout = scaled(300);
    const exitTimeout = 1;
    const child = await python("import time; time.sleep(1000)", { sendTimeout, exitTimeout });
    const line = "x".repeat(10_000);
    const waiting = (async () => {
      for (;;) await child.send(line);
    })();
    const error = await failureOf(waiting);
    assert.deepEqual([error.code, error.timeout], ["timedOut", "sendTimeout"]);
    assert.deepEqual(await child.exited, { code: undefined, signal: "SIGTERM" });
  },
);

test("Connection.pending is bounded while a child does not read", bounded, async () => {
  const child = await python("import time; time.sleep(1000)");
  const line = "x".repeat(10_000);
  let count = 0;
  while (await resolves(child.send(line), 300)) count++;
  assert.ok(child.pending < 3 * 65_536, `${child.pending}`);
  assert.ok(count * line.length < 4 << 20, `${count}`);
  child.abort();
});

test("A child stops while nothing is received, and loses nothing", bounded, async () => {
  const length = 30_000;
  const options = { ...role("flood", { length }), stderr: "piped" as const };
  const child = await start({ ...options, ...patient, ...binary });
  const reader = child.stderr!.getReader();
  const report = JSON.parse(new TextDecoder().decode((await reader.read()).value));
  reader.releaseLock();
  assert.ok(report.count * length < 4 << 20, `${report.count}`);
  let received = 0;
  for await (const message of child) {
    received++;
    assert.equal((message as Uint8Array).length, length);
  }
  assert.equal(received, report.count);
});

test(
  "Connection.close() sends everything, then ends stdin, and the child exits",
  bounded,
  async () => {
    const child = await python(`
import sys, os
count = len(sys.stdin.read())
os._exit(count // 100000)
`);
    for (let index = 0; index < 70; index++) void child.send("x".repeat(99_999));
    await child.close();
    assert.deepEqual(await child.exited, { code: 70, signal: undefined });
  },
);

test(
  "Connection.close() sends SIGTERM to a child that ignores the end of stdin",
  bounded,
  async () => {
    const child = await python("import time; print('ready'); time.sleep(1000)", {
      exitTimeout: scaled(100),
    });
    assert.equal(await child.receive(), "ready");
    await child.close();
    assert.deepEqual(await child.exited, { code: undefined, signal: "SIGTERM" });
  },
);

test("Connection.close() sends SIGKILL to a child that ignores SIGTERM", bounded, async () => {
  const child = await python(
    `
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready")
while True: time.sleep(1)
`,
    { exitTimeout: scaled(50), killTimeout: scaled(50) },
  );
  assert.equal(await child.receive(), "ready");
  await child.close();
  assert.deepEqual(await child.exited, { code: undefined, signal: "SIGKILL" });
});

test("Connection.close() discards what a child writes until it has exited", bounded, async () => {
  const child = await python(
    `
import signal, sys, time
def stop(*_):
    for _ in range(100): print("x" * 10000)
    sys.exit(7)
signal.signal(signal.SIGTERM, stop)
print("ready")
while True: time.sleep(1)
`,
    // The connection stops waiting for the end of stdout long before.
    { exitTimeout: scaled(400), closeTimeout: scaled(50) },
  );
  assert.equal(await child.receive(), "ready");
  await child.close();
  assert.deepEqual(await child.exited, { code: 7, signal: undefined });
});

test("Connection.close() discards a full stderr, unless somebody reads it", bounded, async () => {
  const program = "import sys; sys.stderr.write('e' * 1000000); sys.exit(len(sys.stdin.read()))";
  const unread = await python(program, { stderr: "piped" });
  await unread.close();
  assert.equal((await unread.exited).code, 0);
  const read = await python(program, { stderr: "piped" });
  const text = textOf(read.stderr);
  await read.close();
  assert.equal((await text).length, 1_000_000);
});

test(
  "Connection.close() does not wait for a grandchild that keeps the pipes open",
  bounded,
  async () => {
    const child = await shell("sleep 1000 2>/dev/null & echo $!; cat >/dev/null", {
      stderr: "piped",
    });
    const grandchild = Number(await child.receive());
    await child.close();
    assert.deepEqual(await child.exited, { code: 0, signal: undefined });
    assert.equal(await child.closed, "local");
    process.kill(grandchild);
  },
);

test("Connection.close() survives a grandchild that floods the pipes", bounded, async () => {
  const child = await shell("sh -c 'echo $$; exec yes' & exec cat >/dev/null", { stderr: "piped" });
  const grandchild = Number(await child.receive());
  await child.close();
  assert.equal((await child.exited).code, 0);
  // Its next write fails.
  while (exists(grandchild)) await new Promise((resolve) => setTimeout(resolve, 1));
});

test(
  "A grandchild stops while nothing is received, also after the child has exited",
  bounded,
  async () => {
    const child = await shell("sh -c 'echo $$; exec yes' & read line; exit 3");
    const grandchild = Number(await child.receive());
    const written = () => readFileSync(`/proc/${grandchild}/io`, "utf8").match(/wchar: (\d+)/)![1];
    await child.send("exit");
    // A shell's background process has /dev/null as stdin, and does not take the line.
    assert.equal((await child.exited).code, 3);
    let before: string | undefined;
    while (before !== (before = written())) await sleep(100);
    assert.ok(Number(before) < 4 << 20, before);
  },
);

test("Connection.close() ends a child that does not read what is pending", bounded, async () => {
  const child = await python("import time; time.sleep(1000)", {
    closeTimeout: scaled(100),
    exitTimeout: 1,
  });
  for (let index = 0; index < 100; index++) void child.send("x".repeat(10_000)).catch(() => {});
  const error = await failureOf(child.close());
  assert.deepEqual([error.code, error.timeout], ["timedOut", "closeTimeout"]);
  assert.equal((await child.exited).signal, "SIGTERM");
});

test(
  "Connection.close() may be called again, and after the child has exited",
  bounded,
  async () => {
    const child = await shell("exit 3");
    assert.equal((await child.exited).code, 3);
    await Promise.all([child.close(), child.close()]);
    await child.close();
    assert.equal(await child.receive(), undefined);
  },
);

test(
  "Connection.abort() kills the child immediately, also while it is closing",
  bounded,
  async () => {
    const waiting = await shell("exec sleep 1000");
    const receiving = failureOf(waiting.receive());
    waiting.abort(new Error("enough"));
    assert.equal((await receiving).code, "aborted");
    assert.deepEqual(await waiting.exited, { code: undefined, signal: "SIGKILL" });
    const closing = await shell("exec sleep 1000");
    const closed = closing.close();
    await closing.closeWrite();
    closing.abort();
    await closed;
    assert.equal((await closing.exited).signal, "SIGKILL");
  },
);

test("spawn() inherits, pipes or ignores stderr", bounded, async () => {
  const loud = { command: "sh", args: ["-c", "echo loud >&2; cat"], ...patient, ...textLines };
  const piped = await start({ ...loud, stderr: "piped" });
  await piped.closeWrite();
  assert.equal(await textOf(piped.stderr), "loud\n");
  const ignored = await start({ ...loud, stderr: "ignore" });
  assert.equal(ignored.stderr, undefined);
  const [program, ...args] = scriptCommand("stdio_roles inherit");
  const { status, stderr } = spawnSync(program, args, { env: { ...process.env, ...quiet } });
  assert.equal(`${stderr}`, "loud\n");
  assert.equal(status, 0);
});

test(
  "spawn() rejects if the program or its working directory does not exist",
  bounded,
  async () => {
    const missing: readonly Partial<SpawnOptions>[] = [
      { command: "framewright-missing" },
      { command: `${folder}/missing` },
      { cwd: `${folder}/missing` },
      { cwd: "/etc/passwd" },
    ];
    for (const options of missing) {
      const error = await failureOf(spawn({ command: "cat", ...textLines, ...options }));
      assert.equal(error.code, "notFound", error.message);
      assert.ok(error.cause instanceof Error);
      assert.match(error.message, /^Cannot start ".*": /);
    }
  },
);

test("spawn() rejects if the program may not be executed", bounded, async () => {
  writeFileSync(`${folder}/plain`, "echo\n");
  for (const command of [`${folder}/plain`, folder]) {
    const error = await failureOf(spawn({ command, ...textLines }));
    assert.equal(error.code, "permissionDenied", error.message);
  }
});

test("spawn() sets the working directory, and adds to the environment", bounded, async () => {
  process.env["FRAMEWRIGHT_KEPT"] = "kept";
  process.env["FRAMEWRIGHT_REMOVED"] = "present";
  const env = { FRAMEWRIGHT_ADDED: "added", FRAMEWRIGHT_REMOVED: undefined };
  const script = 'pwd; echo "$FRAMEWRIGHT_KEPT $FRAMEWRIGHT_ADDED $FRAMEWRIGHT_REMOVED"';
  const child = await shell(script, { cwd: folder, env });
  assert.equal(await child.receive(), realpathSync(folder));
  assert.equal(await child.receive(), "kept added ");
});

test("spawn() passes arguments as they are", bounded, async () => {
  const args = ["", "a b", "$HOME", '"', "é", "-"];
  const script = 'for each in "$@"; do echo "[$each]"; done';
  const options = { command: "sh", args: ["-c", script, "sh", ...args], ...textLines };
  const child = await start(options);
  for (const arg of args) assert.equal(await child.receive(), `[${arg}]`);
});

test("A child that closes stdout can still receive", bounded, async () => {
  const child = await shell("exec 1>&-; read line; test $line = more && exit 5");
  assert.equal(await child.receive(), undefined);
  await child.send("more");
  await child.closeWrite();
  assert.equal(await child.closed, "remote");
  assert.equal((await child.exited).code, 5);
});

test("A child that closes stdin can still send", bounded, async () => {
  const child = await shell("exec 0<&-; echo closed; sleep 0.2; echo more; exit 5");
  assert.equal(await child.receive(), "closed");
  const error = await failureOf((async () => {
    for (;;) {
      await child.send("x".repeat(1000));
      await child.flush();
    }
  })());
  assert.equal(error.code, "reset");
  assert.equal(await child.receive(), "more");
  assert.equal(await failureOf(child.close()), error);
  assert.equal((await child.exited).code, 5);
});

test("ChildConnection.exited reports exit codes and signals", bounded, async () => {
  for (const code of [0, 1, 255]) {
    const child = await shell(`exit ${code}`);
    assert.deepEqual(await child.exited, { code, signal: undefined });
    assert.equal(await child.receive(), undefined);
  }
  for (const signal of ["SIGTERM", "SIGKILL", "SIGINT", "SIGSEGV"]) {
    const child = await shell(`kill -${signal.slice(3)} $$`);
    assert.deepEqual(await child.exited, { code: undefined, signal });
  }
});

test("Output of a child that has exited can still be received", bounded, async () => {
  const child = await shell("head -c 60000 /dev/zero; printf 'x\\nlast\\n'; exit 2");
  assert.equal((await child.exited).code, 2);
  assert.equal((await child.receive())?.length, 60_001);
  assert.equal(await child.receive(), "last");
  assert.equal(await child.receive(), undefined);
});

test("A child that exits inside a message truncates it", bounded, async () => {
  const options = { command: "printf", args: ["\\000\\000\\000\\012half"], ...patient };
  const child = await start({ ...options, ...binary });
  await assert.rejects(child.receive(), (error) => {
    assert.ok(error instanceof TruncatedFrameError);
    assert.deepEqual([error.partial.length, error.expectedLength], [8, 14]);
    return true;
  });
});

test('Connection.send() to a child that has exited fails with "reset"', bounded, async () => {
  for (const script of ["exit 0", "kill -KILL $$"]) {
    const child = await shell(script);
    await child.exited;
    const error = await failureOf((async () => {
      for (;;) {
        await child.send("hello");
        await child.flush();
      }
    })());
    assert.equal(error.code, "reset", error.stack);
    assert.equal(await child.closed, "reset");
    await child.close().catch(() => {});
  }
});

test("Log lines on stdout are reported to onInvalid", bounded, async () => {
  const invalid: string[] = [];
  const child = await start<{ id: number }>({
    command: "sh",
    args: ["-c", `echo Starting; echo '{"id":1}'; echo Warning: slow; echo '{"id":2}'`],
    framer: lines(),
    codec: json<{ id: number }>(),
    onInvalid: (error) => invalid.push(new TextDecoder().decode((error as CodecError).frame)),
  });
  assert.deepEqual(await child.receive(), { id: 1 });
  assert.deepEqual(await child.receive(), { id: 2 });
  assert.equal(await child.receive(), undefined);
  assert.deepEqual(invalid, ["Starting", "Warning: slow"]);
});

test("Connection.detach() hands the child over: it is not killed by close()", bounded, async () => {
  const child = await python("import sys; sys.stdout.write(2 * sys.stdin.readline())", {
    exitTimeout: 1,
    killTimeout: 1,
  });
  const transport = child.detach();
  await child.close();
  child.abort();
  await transport.write([new TextEncoder().encode("ab\n")]);
  assert.equal(new TextDecoder().decode(await transport.read()), "ab\nab\n");
  assert.equal(await transport.read(), undefined);
  assert.equal((await child.exited).code, 0);
  transport.close();
});

test("Transport.abort() of a detached child ends it", bounded, async () => {
  const child = await shell("exec sleep 1000", { exitTimeout: 1 });
  child.detach().abort();
  assert.equal((await child.exited).signal, "SIGTERM");
});

test("spawn() leaves no descriptor, listener or zombie behind", bounded, async () => {
  const [program, ...args] = scriptCommand("stdio_roles parent", { count: 50 });
  const parent = spawnProcess(program, args, {
    env: { ...process.env, ...quiet },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let text = "";
  parent.stderr.setEncoding("utf8").on("data", (part: string) => text += part);
  const [code] = await once(parent, "close");
  assert.equal(code, 0, text);
  assert.deepEqual(JSON.parse(text), { descriptors: 0, children: "", listeners: 0 });
});

test("Connection.unref() lets the process exit, and the child sees the end", bounded, async () => {
  const [program, ...args] = scriptCommand("stdio_roles unref");
  const { status, stderr } = spawnSync(program, args, { env: { ...process.env, ...quiet } });
  assert.equal(status, 0, `${stderr}`);
  const [line, pid] = `${stderr}`.trim().split("\n").map((part) => JSON.parse(part));
  assert.equal(line, "line");
  while (exists(pid)) await new Promise((resolve) => setTimeout(resolve, 1));
});

test("spawn() refuses invalid options, and those of other libraries", async () => {
  const invalid: readonly (readonly [options: object, message: RegExp])[] = [
    [{}, /^Invalid command \(undefined\): expected/],
    [{ command: "" }, /^Invalid command "": expected/],
    [{ command: "a\0b" }, /^Invalid command/],
    [{ command: ["cat"] }, /^Invalid command/],
    [{ args: "x" }, /^Invalid args "x": expected an array/],
    [{ args: [1] }, /^Invalid args 1: expected strings/],
    [{ args: ["\0"] }, /^Invalid args/],
    [{ cwd: "" }, /^Invalid cwd/],
    [{ cwd: new URL("file:///") }, /^Invalid cwd/],
    [{ env: "PATH" }, /^Invalid env "PATH": expected an object/],
    [{ env: null }, /^Invalid env/],
    [{ env: { A: 1 } }, /^Invalid env A: expected a string/],
    [{ env: { "A=B": "1" } }, /^Invalid env "A=B"/],
    [{ stderr: "pipe" }, /^Invalid stderr "pipe": expected "inherit", "piped" or "ignore"/],
    [{ shell: true }, /^Invalid option shell: use command "sh" and args/],
    [{ stdio: "pipe" }, /^Invalid option stdio: use stderr/],
    [{ signal: AbortSignal.abort() }, /^Invalid option signal: use abort\(\)/],
    [{ detached: true }, /^Invalid option detached: it is not supported/],
    [{ cmd: "cat" }, /^Invalid option cmd: use command/],
    [{ timeout: 1 }, /^Invalid option timeout/],
    [{ exitTimeout: "1" }, /^Invalid exitTimeout/],
    [{ killTimeout: -1 }, /^Invalid killTimeout -1/],
    [{ framer: undefined }, /^Invalid framer/],
  ];
  for (const [options, message] of invalid) {
    const base = "command" in options || Object.keys(options).length === 0
      ? {}
      : { command: "cat" };
    const attempt = spawn({ ...base, ...textLines, ...options } as never);
    await assert.rejects(attempt, (error: Error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
});
