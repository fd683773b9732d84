/**
 * Python peers in separate processes, with the sockets of Python's `socket` module.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { slowness } from "./limits.ts";
import { LineProcess } from "./line_process.ts";

/** A Python process that serves one connection, and its result. */
export interface PythonPeer {
  readonly port: number;
  /** Process id. */
  readonly pid: number;
  /** The value of `done(value)`, once the process has ended. */
  readonly result: Promise<unknown>;
  /** Returns the value of the next `say(value)`. */
  said(): Promise<unknown>;
  /** Makes `wait()` return. */
  go(): void;
  /** Kills the process. */
  kill(): void;
}

/** The system's Python if there is one, since it needs no version manager to start. */
export const python: string = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

const PRELUDE = `
import errno, hashlib, json, math, os, select, signal, socket, struct, sys, threading, time

# Scales a number of seconds from a quiet machine to this one.
def scaled(seconds):
    return seconds * ${slowness}

def sleep(seconds):
    time.sleep(scaled(seconds))

# Ends this process if its test has not.
signal.alarm(math.ceil(scaled(40)))

def say(value):
    print(json.dumps({"said": value}), flush=True)

def done(value):
    print(json.dumps({"done": value}), flush=True)

def wait():
    if sys.stdin.readline() == "":
        os._exit(1)

def exactly(conn, count):
    parts = []
    while count > 0:
        part = conn.recv(min(count, 65536))
        if part == b"":
            raise RuntimeError("socket connection broken")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)

def to_end(conn):
    parts = []
    while True:
        part = conn.recv(65536)
        if part == b"":
            return b"".join(parts)
        parts.append(part)

def until_gone(conn):
    count = 0
    try:
        while part := conn.recv(65536):
            count += len(part)
    except ConnectionError:
        pass
    return count

def pieces(conn, *parts):
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for part in parts:
        conn.sendall(part)
        time.sleep(0.01)

def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()

def pattern(count):
    return bytes(range(251)) * (count // 251 + 1)
`;

const LISTENER = `
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)
listener.settimeout(scaled(20))
print(listener.getsockname()[1], flush=True)

def accept():
    conn, _ = listener.accept()
    conn.settimeout(scaled(20))
    return conn
`;

const SERVER = `${LISTENER}
conn = accept()
`;

const CLIENT = `
conn = socket.create_connection(("127.0.0.1", PORT), scaled(20))
print(PORT, flush=True)
`;

/** Starts a Python server that accepts one connection, `conn`, and runs `body` on it. */
export function pythonServer(body: string): Promise<PythonPeer> {
  return start(PRELUDE + SERVER + dedent(body));
}

/** Starts a Python server that runs `body`, which calls `accept()` for each of its connections. */
export function pythonListener(body: string): Promise<PythonPeer> {
  return start(PRELUDE + LISTENER + dedent(body));
}

/** Starts a Python process that runs `body`, which prints a port first. */
export function pythonProcess(body: string): Promise<PythonPeer> {
  return start(PRELUDE + dedent(body));
}

/** Starts a Python client that connects to `port`, and runs `body` on `conn`. */
export function pythonClient(port: number, body: string): Promise<PythonPeer> {
  return start(`${PRELUDE}PORT = ${port}\n${CLIENT}${dedent(body)}`);
}

/** Returns the bytes of Python's `pattern(count)[:count]`. */
export function pattern(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at++) bytes[at] = at % 251;
  return bytes;
}

async function start(script: string): Promise<PythonPeer> {
  const process = new LineProcess([python, "-c", script]);
  const result = process.ended.catch(() => {}).then(() => {
    const last = process.lines.at(-1) as { readonly done?: unknown } | number | undefined;
    if (typeof last === "object" && "done" in last) return last.done;
    throw new Error(`The Python peer ended without a result: ${process.errors}`);
  });
  result.catch(() => {});
  const port = await process.next() as number;
  return {
    port,
    pid: process.pid,
    result,
    said: async () => (await process.next() as { readonly said: unknown }).said,
    go: () => process.go(),
    kill: () => process.kill(),
  };
}

/** Removes the indentation that a script has in its test. */
export function dedent(body: string): string {
  const lines = body.split("\n");
  const indent = Math.min(
    ...lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)),
  );
  return lines.map((line) => line.slice(indent)).join("\n");
}
