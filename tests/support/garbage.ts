import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Returns the number of objects that are still referenced after garbage collection. */
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
  // `deref` keeps an object alive until the end of the event-loop turn.
  for (let round = 0; round < 10 && held.length > 0; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
    held = held.filter((reference) => reference.deref() !== undefined);
  }
  return held.length;
}
