import { settlesWithin } from "../../async/settles_within.ts";

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
