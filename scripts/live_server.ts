/** A server for a live test. */
export interface LiveServer {
  /** Environment variables that tell a test where it is. */
  readonly env: Record<string, string>;
  /** Returns the last lines of its output. */
  log(): Promise<string>;
  /** Ends its processes. */
  stop(): Promise<void>;
}

/** Number of consecutive ports that are free when a server starts. */
const PORTS = 5;
/** Maximum milliseconds until a server listens. */
const START_TIMEOUT = 90_000;
/** Maximum milliseconds until a server exits, after which its processes are killed. */
const STOP_TIMEOUT = 15_000;
const MAX_LINES = 20;

/**
 * Starts a server on a free port of the loopback interface, and waits until it listens.
 *
 * @param script Path of the script that runs it: called with a port and an empty folder. If it does not
 * exist, no server is started.
 * @param label Path of the server's log, without its extension.
 * @returns The server, or why it cannot be started.
 */
export async function startServer(script: string, label: string): Promise<LiveServer | string> {
  const exists = await Deno.stat(script).then(() => true, () => false);
  if (!exists) {
    return { env: {}, log: () => Promise.resolve(""), stop: () => Promise.resolve() };
  }
  const folder = await Deno.makeTempDir({ prefix: "framewright-live-" });
  // Some servers change to a user of their own.
  await Deno.chmod(folder, 0o755);
  const port = freePort();
  const log = `${label}-server.log`;
  // Detached: its process group can be ended as a whole.
  const child = new Deno.Command("bash", {
    args: ["-c", 'exec "$0" "$@" >"$LOG" 2>&1', "bash", script, `${port}`, folder],
    env: { LOG: log },
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const exited = child.status.then(({ code }) => code);
  const server = {
    env: { LIVE_PORT: `${port}`, LIVE_FOLDER: folder },
    async log() {
      const text = await Deno.readTextFile(log).catch(() => "");
      return text.trimEnd().split("\n").slice(-MAX_LINES).join("\n");
    },
    async stop() {
      Deno.removeSignalListener("SIGINT", interrupt);
      Deno.removeSignalListener("SIGTERM", interrupt);
      signal(child.pid, "SIGTERM");
      await Promise.race([exited, sleep(STOP_TIMEOUT)]);
      signal(child.pid, "SIGKILL");
      await exited;
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    },
  };
  const interrupt = () => {
    signal(child.pid, "SIGKILL");
    // After the listeners of other processes.
    setTimeout(() => Deno.exit(130));
  };
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  const failure = await listening(port, exited);
  if (failure === undefined) return server;
  await server.stop();
  return `${failure}: ${(await server.log()).replaceAll("\n", " | ")}`;
}

/** Waits until a server listens. Returns why it does not. */
async function listening(port: number, exited: Promise<number>): Promise<string | undefined> {
  let code: number | undefined;
  exited.then((value) => code = value);
  for (const end = performance.now() + START_TIMEOUT; performance.now() < end;) {
    if (code !== undefined) return `the server exited with code ${code}`;
    const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    connection?.close();
    if (connection !== undefined) return undefined;
    await sleep(100);
  }
  return `the server does not listen after ${START_TIMEOUT / 1000} s`;
}

function signal(group: number, name: Deno.Signal): void {
  try {
    Deno.kill(-group, name);
  } catch {
    // All of its processes have ended.
  }
}

/** Returns the first of several consecutive ports that nothing listens on. */
function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    try {
      for (let offset = 0; offset < PORTS; offset++) {
        Deno.listen({ hostname: "127.0.0.1", port: port + offset }).close();
      }
      return port;
    } catch {
      // One of them is in use.
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
