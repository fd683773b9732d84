/** How long a child process may take to exit, in milliseconds. */
export interface ExitLimits {
  /** After the end of its stdin. */
  readonly exitTimeout: number;
  /** After SIGTERM. */
  readonly killTimeout: number;
}

/** Waits until a process whose stdin has ended exits: by itself, after SIGTERM, or after SIGKILL. */
export async function stop(
  exited: Promise<unknown>,
  kill: (signal: "SIGTERM" | "SIGKILL") => void,
  { exitTimeout, killTimeout }: ExitLimits,
): Promise<void> {
  if (!await settlesWithin(exited, exitTimeout)) {
    kill("SIGTERM");
    if (!await settlesWithin(exited, killTimeout)) kill("SIGKILL");
  }
  await exited;
}

/** Returns whether a promise settles within some milliseconds. */
async function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<boolean>((resolve) => {
    if (milliseconds < Infinity) timer = setTimeout(() => resolve(false), milliseconds);
  });
  const settled = await Promise.race([promise.then(() => true), expired]);
  clearTimeout(timer);
  return settled;
}
