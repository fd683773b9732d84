/** Result of a process. */
export interface Outcome {
  /** Everything that it printed. */
  readonly text: string;
  readonly code: number;
  /** Whether it was killed by the timeout. */
  readonly timedOut: boolean;
}

/** Options of {@link runLogged}. */
export interface LoggedProcessOptions {
  /** Path of the file for its output. */
  readonly log: string;
  /** Timeout in milliseconds, after which it is killed together with its child processes. */
  readonly timeout: number;
  /** Called every 15 seconds with the output so far. */
  readonly onProgress: (text: string) => void;
}

/** Milliseconds between two calls of `onProgress`. */
const PROGRESS_INTERVAL = 15_000;

/**
 * Runs a process and writes its output to a file.
 *
 * @param spawn Starts the process with the options that it is given.
 */
export async function runLogged(
  spawn: (options: Deno.CommandOptions) => Deno.ChildProcess,
  { log, timeout, onProgress }: LoggedProcessOptions,
): Promise<Outcome> {
  // Detached: its process group can be killed as a whole.
  const child = spawn({ detached: true, stdin: "null", stdout: "piped", stderr: "piped" });
  const kill = () => {
    try {
      Deno.kill(-child.pid, "SIGKILL");
    } catch {
      // It has already ended.
    }
  };
  const interrupt = () => {
    kill();
    Deno.exit(130);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  let text = "";
  let timedOut = false;
  const progress = setInterval(() => onProgress(text), PROGRESS_INTERVAL);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeout);
  using file = await Deno.open(log, { write: true, create: true, truncate: true });
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      for (let at = 0; at < chunk.length;) at += file.writeSync(chunk.subarray(at));
    }
  };
  const [{ code }] = await Promise.all([
    child.status,
    read(child.stdout as ReadableStream<Uint8Array>),
    read(child.stderr as ReadableStream<Uint8Array>),
  ]);
  clearInterval(progress);
  clearTimeout(timer);
  for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
  return { text, code, timedOut };
}
