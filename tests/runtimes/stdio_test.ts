import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { test } from "node:test";
import { FrameEncoder, json, lengthPrefixed, lines, stdio, uint32 } from "../../mod.ts";
import { quiet, scriptCommand } from "../support/child.ts";
import { bounded, sleep } from "../support/limits.ts";
import { pattern } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const folder = temporaryFolder();
const env = { ...process.env, ...quiet };

/** Runs a role to its end, with stdin or stdout redirected by a shell. */
function run(role: string, { redirected = "", input = "" as string | Uint8Array } = {}) {
  const command = scriptCommand(`stdio_roles ${role}`);
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", `exec "$@" ${redirected}`, "sh", ...command],
    { env, input, maxBuffer: 2 ** 26 },
  );
  return { status, stdout, reports: reportsOf(stderr) };
}

function start(role: string, options: object = {}): ChildProcess & { stderrText(): string } {
  const [program, ...args] = scriptCommand(`stdio_roles ${role}`, options);
  const child = spawn(program, args, { stdio: "pipe", env });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => text += part);
  return Object.assign(child, { stderrText: () => text });
}

function reportsOf(text: unknown): unknown[] {
  return String(text).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function framed(message: Uint8Array): Uint8Array {
  const encoder = new FrameEncoder({ framer: lengthPrefixed(uint32), maxFrameLength: Infinity });
  encoder.write(message);
  return Buffer.concat(encoder.drain());
}

test("stdio() receives from a pipe and sends to a pipe, and nothing else", bounded, () => {
  const { status, stdout, reports } = run("lines", { input: "one\ntwo\n" });
  assert.equal(stdout.toString(), "got one\ngot two\n");
  assert.deepEqual([status, ...reports], [0]);
});

test("stdio() exchanges 10 MiB through pipes", bounded, () => {
  const input = framed(pattern(10 << 20));
  const { status, stdout } = run("echo", { input });
  assert.equal(status, 0);
  assert.ok(stdout.equals(input));
});

test("stdio() receives from a file and sends to a file", bounded, () => {
  const input = framed(pattern(1 << 20));
  writeFileSync(`${folder}/in`, input);
  const { status } = run("echo", { redirected: `< ${folder}/in > ${folder}/out` });
  assert.equal(status, 0);
  assert.ok(readFileSync(`${folder}/out`).equals(input));
});

test("stdio() receives the end from an empty or a closed stdin", bounded, () => {
  for (const redirected of ["< /dev/null", "<&-"]) {
    const { status, stdout, reports } = run("receiving", { redirected });
    assert.deepEqual([status, stdout.length, ...reports], [0, 0, "the end"], redirected);
  }
});

test("stdio() reports a stdin that cannot be read", bounded, () => {
  const { status, reports } = run("receiving", { redirected: `0> ${folder}/written` });
  assert.deepEqual([status, ...reports], [0, "unknown"]);
});

test("stdio() treats a closed stdout as /dev/null", bounded, () => {
  const { status, reports } = run("lines", { redirected: ">&-", input: "one\ntwo\n" });
  assert.deepEqual([status, ...reports], [0]);
});

test('stdio() reports "reset" if nobody reads stdout anymore', bounded, async () => {
  const child = start("failing");
  await once(child.stdout!, "data");
  child.stdout!.destroy();
  const [code] = await once(child, "close");
  assert.deepEqual(reportsOf(child.stderrText()), ["reset", "reset"]);
  assert.equal(code, 0);
});

test("Connection.close() over stdio() does not wait for the end of stdin", bounded, async () => {
  const child = start("once");
  child.stdin!.write("one\nunread\n");
  const [line] = await once(child.stdout!, "data");
  assert.equal(`${line}`, "got one\n");
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  assert.deepEqual(reportsOf(child.stderrText()), ["local"]);
  child.stdin!.on("error", () => {});
  child.stdin!.end();
});

test(
  "Connection.close() over stdio() waits until a slow reader has everything",
  bounded,
  async () => {
    const length = 10 << 20;
    const child = start("large", { length });
    child.stdout!.pause();
    await sleep(500);
    let received = 0;
    child.stdout!.on("data", (chunk: Uint8Array) => received += chunk.length).resume();
    const [code] = await once(child, "close");
    assert.deepEqual([code, received], [0, length + 4]);
    child.stdin!.destroy();
  },
);

test(
  "Connection.send() over stdio() waits for a slow reader, not the event loop",
  bounded,
  async () => {
    const length = 30_000;
    const child = start("flood", { length });
    child.stdout!.pause();
    await once(child.stderr!, "data");
    const [stalled] = reportsOf(child.stderrText()) as [
      { count: number; pending: number; ticks: number },
    ];
    assert.ok(stalled.count * length < 4 << 20, `${stalled.count}`);
    assert.ok(stalled.pending > 0 && stalled.pending < 65_536 * 3, `${stalled.pending}`);
    assert.ok(stalled.ticks > 10, `${stalled.ticks}`);
    let received = 0;
    child.stdout!.on("data", (chunk: Uint8Array) => received += chunk.length).resume();
    const [code] = await once(child, "close");
    assert.deepEqual([code, received], [0, stalled.count * (length + 4)]);
    assert.deepEqual(reportsOf(child.stderrText()), [stalled, "flushed"]);
    child.stdin!.destroy();
  },
);

test("Connection.closeWrite() over stdio() leaves stdin open", bounded, async () => {
  const child = start("half");
  assert.equal(`${await once(child.stdout!, "data")}`, "done\n");
  child.stdin!.end("more\n");
  const [code] = await once(child, "close");
  assert.deepEqual([code, ...reportsOf(child.stderrText())], [0, "more", "local"]);
});

test("stdio() works in a terminal", bounded, () => {
  const program = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
os.write(fd, b"one\\n")
seen = b""
while b"got one" not in seen: seen += os.read(fd, 1000)
os.write(fd, b"\\x04")
while True:
    try: part = os.read(fd, 1000)
    except OSError: break
    if not part: break
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
  const result = spawnSync("python3", ["-c", program, ...scriptCommand("stdio_roles lines")], {
    env,
  });
  assert.equal(result.stdout.toString(), "0\n", result.stderr.toString());
});

test("stdio() works over a socket", bounded, () => {
  const program = `
import socket, subprocess, sys, threading
ours, theirs = socket.socketpair()
child = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs)
theirs.close()
def send():
    ours.sendall(b"one\\n" * 50000)
    ours.shutdown(socket.SHUT_WR)
threading.Thread(target=send).start()
count = 0
while part := ours.recv(65536): count += len(part)
print(count, child.wait())
`;
  const command = scriptCommand("stdio_roles lines");
  const result = spawnSync("python3", ["-c", program, ...command], { env });
  assert.equal(result.stdout.toString(), "400000 0\n", result.stderr.toString());
});

test("stdio() refuses an invalid protocol or option without opening stdin", () => {
  assert.throws(() => stdio({} as never), { name: "TypeError", message: /Invalid framer/ });
  const protocol = { framer: lines(), codec: json() };
  assert.throws(() => stdio({ ...protocol, highWaterMark: 0 }), RangeError);
  assert.throws(() => stdio({ ...protocol, timeout: 1 } as never), {
    name: "TypeError",
    message: "Invalid option timeout: use connectTimeout or idleTimeout",
  });
});
