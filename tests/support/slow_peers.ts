/**
 * Python peers with small receive buffers: most bytes that such a peer has not read stay with the sender,
 * so a few megabytes are enough to test a connection to a slow reader.
 *
 * @module
 */

import type { ConnectOptions } from "../../mod.ts";
import { dedent, type PythonPeer, pythonProcess } from "./python.ts";
import { withTls } from "./python_tls.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { trusting } from "./tls.ts";

const SLOW = `
def small(sock):
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    sock.settimeout(scaled(20))
    return sock

# Waits until the connection has ended or failed.
def gone(conn):
    try:
        while conn.recv(65536):
            pass
    except OSError:
        pass

# Reads up to "most" bytes, at "rate" bytes per second on a quiet machine.
def steadily(conn, rate, most=1 << 40):
    return read_slowly(conn, most, 16384, lambda total: scaled(total / rate))

# Reads 512 KiB at a time, four times a second.
def by_bursts(conn, most=1 << 40):
    return read_slowly(conn, most, 16384, lambda total: scaled(total // 524288 * 0.25))

def read_slowly(conn, most, size, due):
    parts, total, end, start = [], 0, "end", time.monotonic()
    try:
        while total < most:
            part = conn.recv(min(size, most - total))
            if part == b"":
                break
            parts.append(part)
            total += len(part)
            ahead = start + due(total) - time.monotonic()
            if ahead > 0.002:
                time.sleep(ahead)
    except OSError as error:
        end = type(error).__name__
    return {"bytes": total, "end": end, "intact": b"".join(parts) == pattern(total)[:total]}
`;

const LISTEN = `
listener = small(socket.socket())
listener.bind(("127.0.0.1", 0))
listener.listen(128)
print(listener.getsockname()[1], flush=True)
`;

const LISTEN_UNIX = `
listener = small(socket.socket(socket.AF_UNIX))
listener.bind(PATH)
listener.listen(128)
print(0, flush=True)
`;

const ACCEPT = `
def accept():
    return small(listener.accept()[0])
`;

const CONNECT = `
conn = small(socket.socket())
conn.connect(("127.0.0.1", PORT))
print(PORT, flush=True)
`;

/** The result of `steadily` and `by_bursts` for a peer that has read all of `pattern(bytes)`, to the end. */
export function whole(bytes: number): object {
  return { bytes, end: "end", intact: true };
}

/** A slow peer, and the options to connect to it. */
export interface SlowPeer extends PythonPeer {
  readonly where: ConnectOptions;
}

/** Starts a Python server whose connections, from `accept()`, are read by `body`. */
export async function slowListener(body: string): Promise<SlowPeer> {
  const peer = await pythonProcess(SLOW + LISTEN + ACCEPT + dedent(body));
  return { ...peer, where: { port: peer.port } };
}

/** Starts a Python client of `port` that runs `body` on `conn`. */
export function slowClient(port: number, body: string): Promise<PythonPeer> {
  return pythonProcess(`${SLOW}PORT = ${port}\n${CONNECT}${dedent(body)}`);
}

/** Starts a Python server that accepts one connection, `conn`, and runs `body` on it. */
export type SlowServer = (body: string) => Promise<SlowPeer>;

/** Slow servers, by transport. */
export const slowServers: Readonly<Record<"TCP" | "TLS" | "a Unix socket", SlowServer>> = {
  TCP: (body) => slowListener(`conn = accept()\n${dedent(body)}`),
  async TLS(body) {
    const secured = withTls(`conn = tls_server(accept())\n${dedent(body)}`);
    const peer = await slowListener(secured);
    return { ...peer, where: { ...peer.where, tls: trusting } };
  },
  async "a Unix socket"(body) {
    const path = `${temporaryFolder()}/slow`;
    const script = `${SLOW}PATH = ${
      JSON.stringify(path)
    }\n${LISTEN_UNIX}${ACCEPT}conn = accept()\n`;
    const peer = await pythonProcess(script + dedent(body));
    return { ...peer, where: { path } };
  },
};
