import { connectionError, TransportFailure } from "../connection_error.ts";
import { DenoTransport } from "../deno/transport.ts";
import type { Transport } from "../transport.ts";
import type { Readable, Writable } from "../node/stream_ends.ts";
import { Pipes } from "./pipes.ts";

// The members used of each runtime.
interface Runtime {
  readonly Deno?: {
    readonly stdin: { read(memory: Uint8Array): Promise<number | null>; close(): void };
    readonly stdout: { write(bytes: Uint8Array): Promise<number> };
  };
  readonly process?: { readonly stdin?: Readable; readonly stdout?: Writable };
}

/** Maximum number of bytes per write: Deno reports a write to a pipe only when it is complete. */
const MAX_WRITE = 65_536;

/**
 * Returns a transport over the stdin and stdout of this process. Closing it closes stdin. It never closes
 * stdout, whose file descriptor the system would give to the next file that is opened.
 *
 * @throws {ConnectionError} The runtime has no stdin and stdout, or cannot open them.
 */
export function stdioTransport(action: string): Transport {
  const { Deno, process } = globalThis as Runtime;
  // The `process.stdout` of Deno 2.9 blocks the event loop, and a read of its `process.stdin` keeps the process running.
  if (Deno !== undefined) {
    const { stdin, stdout } = Deno;
    return new DenoTransport({
      read: (memory) => stdin.read(memory),
      write: (bytes) => stdout.write(bytes.subarray(0, MAX_WRITE)),
      closeWrite: () => Promise.resolve(),
      close: () => stdin.close(),
      ref() {},
      unref() {},
    });
  }
  try {
    // Bun 1.4 throws if stdin is a directory.
    const { stdin, stdout } = process ?? {};
    if (stdin && stdout) return new Pipes(stdin, unclosed(stdout));
  } catch (error) {
    throw connectionError(action, error);
  }
  throw connectionError(
    action,
    new TransportFailure("unsupported", "this runtime has no stdin and stdout"),
  );
}

/** Returns a stream that writes to another one, and does not close it. */
function unclosed(writable: Writable): Writable {
  return {
    get destroyed() {
      return writable.destroyed;
    },
    on: (event, listener) => writable.on(event, listener),
    off: (event, listener) => writable.off(event, listener),
    write: (chunk, done) => writable.write(chunk, done),
    end: (done) => done(),
    destroy() {},
    ref: () => writable.ref?.(),
    unref: () => writable.unref?.(),
  };
}
