/** Something that may keep the process running: a socket, a timer. */
export interface Keeper {
  ref?(): unknown;
  unref?(): unknown;
}

/** Sets whether something keeps the process running. */
export function keepRunning(keeps: boolean, keeper: Keeper | undefined): void {
  if (keeps) keeper?.ref?.();
  else keeper?.unref?.();
}
