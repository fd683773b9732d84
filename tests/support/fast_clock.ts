/**
 * Child processes whose clock runs 60 times faster, so that a default of a minute takes a second:
 *
 *     deno run -A tests/support/fast_clock.ts ROLE OPTIONS
 *
 * @module
 */

import { setTimeout as timer } from "node:timers";
import {
  connect,
  ConnectionError,
  type ConnectOptions,
  fixed,
  lengthPrefixed,
  lines,
  serve,
  type ServeOptions,
  text,
  uint32,
} from "../../mod.ts";
import { task, tell } from "./child.ts";
import { scaled, slowness } from "./limits.ts";
import { pattern } from "./python.ts";

/** Factor of the clock; lower on a slow machine, where the peers are slower as well. */
const SPEED = 60 / slowness;

/** More bytes than the system accepts from this side while the peer reads nothing. */
const LARGE = 8 << 20;

const roles: Record<string, (options: never) => Promise<void>> = {
  /** Answers every message with a large one, and reports errors. */
  async serve(options: ServeOptions) {
    const onError = (error: unknown) => tell(factsOf(error));
    // JSON has no Infinity.
    const limits = options.frameTimeout === null ? { frameTimeout: Infinity } : {};
    const protocol = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };
    const server = await serve(
      { ...options, ...limits, ...protocol, onError },
      async (connection) => {
        for await (const message of connection) {
          void connection.send(message.length === 1 ? new Uint8Array(LARGE) : message);
        }
      },
    );
    tell(server.address);
  },

  /** Sends one frame of `size` bytes and closes. */
  async upload({ size, ...options }: ConnectOptions & { readonly size: number }) {
    const protocol = { framer: fixed(size), maxFrameLength: Infinity };
    const connection = await connect({ ...options, ...protocol });
    void connection.send(pattern(size));
    await connection.close();
    tell(await connection.closed);
  },

  /** Sends a line and closes. */
  async close(options: ConnectOptions) {
    const connection = await connect({ ...options, framer: lines(), codec: text() });
    await connection.send("bye");
    await connection.close();
    tell(await connection.closed);
  },
};

function factsOf(error: unknown): object {
  if (!(error instanceof ConnectionError)) return { error: String(error) };
  return { timeout: error.timeout, message: error.message };
}

function accelerate(): void {
  const { setTimeout, setInterval } = globalThis;
  const now = performance.now.bind(performance);
  const start = now();
  const fast =
    <Start extends typeof setTimeout | typeof setInterval>(begin: Start) =>
    (callback: () => void, delay = 0, ...args: []) => begin(callback, delay / SPEED, ...args);
  performance.now = () => start + (now() - start) * SPEED;
  Object.assign(globalThis, { setTimeout: fast(setTimeout), setInterval: fast(setInterval) });
}

const [role, options] = task<never>();
// Ends this process, by the normal clock, if its test has not.
timer(() => process.exit(3), scaled(20_000)).unref();
accelerate();
await roles[role]!(options);
