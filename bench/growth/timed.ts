import { race } from "../support/race.ts";
import { type Figure, figureOf } from "../support/report.ts";
import { commandOf } from "../support/runtimes.ts";
import { expectedIn, type Stream } from "./stream.ts";

/** How a stream is gone through. */
export interface Manner {
  /** By a loop written by hand, not by this library. */
  readonly byHand?: boolean;
  /** With memory as the system gives it to those who do not ask for large pages. */
  readonly smallPages?: boolean;
}

/** Asks for large pages, and keeps them: glibc's allocator for Deno and Node, Bun's own for Bun. */
const LARGE_PAGES = [
  "env",
  "GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
  "MIMALLOC_ALLOW_LARGE_OS_PAGES=1",
  "MIMALLOC_PURGE_DELAY=-1",
];

/** Times a stream in a process of its own. `count` is what the time is told for each of. */
export async function timed(
  runtime: string,
  stream: Stream,
  count: number,
  { byHand = false, smallPages = false }: Manner = {},
): Promise<Figure> {
  const file = decodeURIComponent(new URL("contestant.ts", import.meta.url).pathname);
  const command = [
    ...smallPages ? [] : LARGE_PAGES,
    ...await commandOf(runtime),
    file,
    byHand ? "by hand" : "framed",
    JSON.stringify(stream),
  ];
  const options = { rounds: 3, milliseconds: 40, warmUp: 250 };
  const [times] = await race([{ name: runtime, command }], expectedIn(stream), options);
  return figureOf(times!, count);
}
