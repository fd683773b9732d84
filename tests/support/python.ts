/**
 * Peers that nobody here wrote the sockets for: Python's `socket` module, in a process of its own.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";

/** A Python process that talks on one connection, and what it prints at the end. */
export interface PythonPeer {
  readonly port: number;
  /** What `done(value)` was given, once the process has ended. */
  readonly result: Promise<unknown>;
  /** Ends the process, whatever it does. */
  kill(): void;
}

const PRELUDE = `
import hashlib, json, os, select, socket, struct, sys, time

def done(value):
    print(json.dumps(value), flush=True)

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

const SERVER = `
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
listener.settimeout(20)
conn, _ = listener.accept()
conn.settimeout(20)
`;

const CLIENT = `
conn = socket.create_connection(("127.0.0.1", PORT), 20)
print(PORT, flush=True)
`;

/** Starts a Python server that accepts one connection, `conn`, and runs `body` on it. */
export function pythonServer(body: string): Promise<PythonPeer> {
  return start(PRELUDE + SERVER + dedent(body));
}

/** Starts a Python client that connects to `port`, and runs `body` on `conn`. */
export function pythonClient(port: number, body: string): Promise<PythonPeer> {
  return start(`${PRELUDE}PORT = ${port}\n${CLIENT}${dedent(body)}`);
}

/** `pattern(count)[:count]` of the Python side. */
export function pattern(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => index % 251);
}

function start(script: string): Promise<PythonPeer> {
  const child = spawn("python3", ["-c", script], { stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    let output = "";
    let errors = "";
    child.stderr!.on("data", (data) => errors += data);
    const result = new Promise<unknown>((resolve, reject) => {
      child.on("close", () => {
        const [, last] = output.split("\n");
        if (last) resolve(JSON.parse(last));
        else reject(new Error(`The Python peer ended without a result: ${errors || output}`));
      });
    });
    result.catch(() => {});
    child.stdout!.on("data", (data) => {
      output += data;
      const end = output.indexOf("\n");
      if (end >= 0) resolve(peer(Number(output.slice(0, end)), result, child));
    });
    result.catch(reject);
  });
}

function peer(port: number, result: Promise<unknown>, child: ChildProcess): PythonPeer {
  return { port, result, kill: () => void child.kill("SIGKILL") };
}

function dedent(body: string): string {
  const lines = body.split("\n");
  const indent = Math.min(
    ...lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)),
  );
  return lines.map((line) => line.slice(indent)).join("\n");
}
