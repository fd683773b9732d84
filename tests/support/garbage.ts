import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Returns how many of the objects something still holds after all garbage was collected. */
export async function countHeld(references: readonly WeakRef<object>[]): Promise<number> {
  const { Bun } = globalThis as { readonly Bun?: { gc(force: boolean): void } };
  let collect: () => void;
  if (Bun !== undefined) {
    collect = () => Bun.gc(true);
  } else {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  let held = references;
  // What a turn of the event loop has looked at through a WeakRef lives until its end.
  for (let round = 0; round < 10 && held.length > 0; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
    held = held.filter((reference) => reference.deref() !== undefined);
  }
  return held.length;
}
