/**
 * Private networks, made of Linux network namespaces: their traffic does not leave the machine and is
 * invisible to its other processes. They disappear with the processes in them.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Wrap } from "./child.ts";
import { scaled } from "./limits.ts";
import { LineProcess } from "./line_process.ts";
import { python } from "./python.ts";

/** Reason why namespaces cannot be created, or `undefined`. */
export const noNamespaces: string | undefined = whyNoNamespaces();

/** Reason why two namespaces cannot be connected, or `undefined`. */
export const noLinks: string | undefined = noNamespaces ??
  (existsSync("/dev/net/tun") ? undefined : "there is no /dev/net/tun");

/**
 * Runs a command in a network that has only loopback, with a resolver that answers NXDOMAIN to every
 * query.
 */
export const isolated: Wrap = (command) => {
  return ["unshare", "--net", "--mount", python, "-c", ISOLATED, ...command];
};

/** Quality of a line: probabilities for each packet, and the delay in milliseconds. */
export interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  /** Probability that a packet arrives after later ones. */
  readonly reorder: number;
  readonly delay: number;
  readonly seed: number;
}

/** Packet counts so far. */
export interface Tally {
  readonly passed: number;
  readonly dropped: number;
  readonly duplicated: number;
  readonly reordered: number;
}

/** Two networks, and a bad line between them. */
export interface Link {
  /** Implementation of the line: the kernel's `netem`, or a program between two TUN devices. */
  readonly kind: "netem" | "tun";
  readonly left: { readonly address: string; readonly wrap: Wrap };
  readonly right: { readonly address: string; readonly wrap: Wrap };
  /** Drops all packets from now on. */
  cut(): Promise<void>;
  /** Lets packets through again. */
  mend(): Promise<void>;
  /** Returns the packet counts so far. */
  tally(): Promise<Tally>;
  /** Removes the networks. */
  close(): Promise<void>;
}

/** Creates two networks and the line between them, by `netem` if the kernel has it. */
export async function link(weather: Weather): Promise<Link> {
  const process = new LineProcess([python, "-c", LINK, JSON.stringify(weather)]);
  const { kind, left, right } = await process.next() as {
    readonly kind: "netem" | "tun";
    readonly left: number;
    readonly right: number;
  };
  const ask = (command: string) => {
    process.go(command);
    return process.next();
  };
  const side = (address: string, fd: number) => ({
    address,
    wrap: ((command) => {
      return ["nsenter", `--net=/proc/${process.pid}/fd/${fd}`, ...command];
    }) satisfies Wrap,
  });
  return {
    kind,
    left: side("10.77.0.1", left),
    right: side("10.77.0.2", right),
    cut: async () => void await ask("cut"),
    mend: async () => void await ask("mend"),
    tally: async () => await ask("tally") as Tally,
    async close() {
      process.end();
      await process.ended;
    },
  };
}

function whyNoNamespaces(): string | undefined {
  const probe = "ip link set lo up && mount --bind /dev/null /etc/resolv.conf && nsenter --version";
  const args = ["--net", "--mount", "sh", "-c", probe];
  const { status, error, stderr } = spawnSync("unshare", args);
  if (status === 0) return undefined;
  return error ? "there is no unshare" : String(stderr).trim();
}

const ISOLATED = `
import ctypes, socket, subprocess, sys, tempfile, threading

def die_with_parent():
    ctypes.CDLL(None).prctl(1, 9)

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.bind(("127.0.0.1", 53))

def answer():
    while True:
        query, peer = resolver.recvfrom(512)
        end = 12
        while query[end] != 0:
            end += query[end] + 1
        # The header says NXDOMAIN; the question follows it.
        header = query[:2] + b"\\x81\\x83\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00"
        resolver.sendto(header + query[12:end + 5], peer)

threading.Thread(target=answer, daemon=True).start()
with tempfile.NamedTemporaryFile() as file:
    file.write(b"nameserver 127.0.0.1\\n")
    file.flush()
    subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
    code = subprocess.run(sys.argv[1:], preexec_fn=die_with_parent).returncode
    subprocess.run(["umount", "/etc/resolv.conf"])
sys.exit(code)
`;

const LINK = `
import ctypes, fcntl, heapq, json, os, random, select, signal, struct, subprocess, sys, time

# Ends this process if its test has not.
signal.alarm(${scaled(60)})
NEWNET = 0x40000000
weather = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)

def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def run(*command):
    subprocess.run(command, check=True, stderr=subprocess.PIPE)

def namespace():
    check(libc.unshare(NEWNET))
    run("ip", "link", "set", "lo", "up")
    return os.open("/proc/self/ns/net", os.O_RDONLY)

def enter(side):
    check(libc.setns(side, NEWNET))

def address(device, number):
    run("ip", "address", "add", "10.77.0.%d/24" % number, "dev", device)
    run("ip", "link", "set", device, "up")

sides = [namespace(), namespace()]

def netem(side, action, **changes):
    enter(side)
    now = {**weather, **changes}
    chances = []
    for name in ("loss", "duplicate", "reorder"):
        if now[name] > 0:
            chances += [name, "%f%%" % (100 * now[name])]
    delay = "%fms" % now["delay"]
    run("tc", "qdisc", action, "dev", "line", "root", "netem", "delay", delay, *chances)

def netem_tally():
    tally = {"passed": 0, "dropped": 0, "duplicated": 0, "reordered": 0}
    for side in sides:
        enter(side)
        shown = subprocess.check_output(["tc", "-s", "-j", "qdisc", "show", "dev", "line"])
        counts = json.loads(shown)[0]
        tally["passed"] += counts["packets"]
        tally["dropped"] += counts["drops"]
    return tally

def answer(commands):
    line = sys.stdin.readline().strip()
    if line == "":
        os._exit(0)
    print(json.dumps(commands[line]()), flush=True)

def by_netem():
    enter(sides[0])
    run("ip", "link", "add", "line", "type", "veth", "peer", "name", "line", "netns",
        "/proc/%d/fd/%d" % (os.getpid(), sides[1]))
    for number, side in enumerate(sides):
        netem(side, "add")
        address("line", number + 1)
    print(json.dumps({"kind": "netem", "left": sides[0], "right": sides[1]}), flush=True)
    change = lambda loss: [netem(side, "change", loss=loss) for side in sides]
    while True:
        answer({
            "cut": lambda: change(1),
            "mend": lambda: change(weather["loss"]),
            "tally": netem_tally,
        })

def by_tun():
    tuns = []
    for number, side in enumerate(sides):
        enter(side)
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        # IFF_TUN | IFF_NO_PI: whole IP packets, without another header.
        fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH", b"line", 0x1001))
        address("line", number + 1)
        tuns.append(tun)
    print(json.dumps({"kind": "tun", "left": sides[0], "right": sides[1]}), flush=True)
    tally = {"passed": 0, "dropped": 0, "duplicated": 0, "reordered": 0}
    chance = random.Random(weather["seed"])
    up = True
    waiting, number = [], 0

    def set_up(value):
        nonlocal up
        up = value

    commands = {"cut": lambda: set_up(False), "mend": lambda: set_up(True), "tally": lambda: tally}
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, sink, packet = heapq.heappop(waiting)
            if up:
                try:
                    os.write(sink, packet)
                    tally["passed"] += 1
                except OSError:
                    tally["dropped"] += 1
            else:
                tally["dropped"] += 1
        pause = max(0, waiting[0][0] - now) if waiting else None
        ready, _, _ = select.select([*tuns, sys.stdin], [], [], pause)
        if sys.stdin in ready:
            answer(commands)
        for tun in tuns:
            if tun not in ready:
                continue
            packet = os.read(tun, 65536)
            if chance.random() < weather["loss"]:
                tally["dropped"] += 1
                continue
            copies = 1
            if chance.random() < weather["duplicate"]:
                tally["duplicated"] += 1
                copies = 2
            for _ in range(copies):
                delay = weather["delay"] / 1000
                if chance.random() < weather["reorder"]:
                    tally["reordered"] += 1
                    delay *= 3
                number += 1
                sink = tuns[1] if tun == tuns[0] else tuns[0]
                heapq.heappush(waiting, (time.monotonic() + delay, number, sink, packet))

try:
    by_netem()
except subprocess.CalledProcessError:
    enter(sides[0])
    subprocess.run(["ip", "link", "delete", "line"], stderr=subprocess.DEVNULL)
    by_tun()
`;
