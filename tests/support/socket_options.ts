/**
 * Socket options of this process as the kernel reports them. Another process reads them, from a duplicate
 * of the socket that `pidfd_getfd` returns.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { python } from "./python.ts";

const ASK = `
import ctypes, json, os, socket, sys

pid, wanted = int(sys.argv[1]), [int(port) for port in sys.argv[2:]]
libc = ctypes.CDLL(None, use_errno=True)
pidfd = os.pidfd_open(pid)

def port_of(name):
    return name[1] if isinstance(name, tuple) else 0

def peer_of(sock):
    try:
        return port_of(sock.getpeername())
    except OSError:
        return 0

for fd in os.listdir("/proc/%d/fd" % pid):
    try:
        kind = os.readlink("/proc/%d/fd/%s" % (pid, fd))
    except FileNotFoundError:
        continue
    if wanted and not kind.startswith("socket:"):
        continue
    copy = libc.syscall(438, pidfd, int(fd), 0)
    if copy < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if not wanted:
        sys.exit(0)
    sock = socket.socket(fileno=copy)
    if wanted == [port_of(sock.getsockname()), peer_of(sock)]:
        print(json.dumps({
            "noDelay": sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0,
            "keepAlive": sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0,
        }))
        sys.exit(0)
sys.exit("there is no such socket")
`;

/** Options of a socket. */
export interface SocketFacts {
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
}

/** Reason why socket options cannot be read, or `undefined`. */
export const unreadable: string | undefined = reasonUnreadable();

/** Returns the options of the socket of this process that is bound to `port` and connected to `peer`. */
export function factsOf(port: number, peer: number): SocketFacts {
  return JSON.parse(ask(`${process.pid}`, `${port}`, `${peer}`)) as SocketFacts;
}

function ask(...args: string[]): string {
  return String(execFileSync(python, ["-c", ASK, ...args], { stdio: "pipe" }));
}

function reasonUnreadable(): string | undefined {
  try {
    ask(`${process.pid}`);
    return undefined;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Uint8Array };
    const lines = String(stderr ?? error).trim().split("\n");
    return `socket options cannot be read: ${lines.at(-1)}`;
  }
}
