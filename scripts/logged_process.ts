/** What came of a process. */
export interface Outcome {
  /** All that it has printed. */
  readonly text: string;
  readonly code: number;
  /** Whether it was ended because its time was over. */
  readonly stopped: boolean;
}

/** Options of a process that is logged. */
export interface LoggedProcessOptions {
  /** File for its output. */
  readonly log: string;
  /** Milliseconds after which it is ended, with all processes that it has started. */
  readonly patience: number;
  /** Called with what it has printed so far, every 15 seconds. */
  readonly onProgress: (text: string) => void;
}

const PROGRESS = 15_000;

/**
 * Runs a process whose output goes to a file.
 *
 * @param spawn Starts it, with the options that it is given.
 */
export async function runLogged(
  spawn: (options: Deno.CommandOptions) => Deno.ChildProcess,
  { log, patience, onProgress }: LoggedProcessOptions,
): Promise<Outcome> {
  // A process group of its own, so that all of it can be ended.
  const child = spawn({ detached: true, stdin: "null", stdout: "piped", stderr: "piped" });
  const end = () => {
    try {
      Deno.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const interrupt = () => {
    end();
    Deno.exit(130);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  let text = "";
  let stopped = false;
  const progress = setInterval(() => onProgress(text), PROGRESS);
  const timer = setTimeout(() => {
    stopped = true;
    end();
  }, patience);
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
  return { text, code, stopped };
}
