import { type ChildProcess, spawn } from "node:child_process";
import { Readable, Writable } from "node:stream";
import type { StreamPair } from "../../mod.ts";
import { runsOn } from "./child.ts";

/** Starts a child process, and returns it and its stdin and stdout as a pair. */
export function standardStreams(
  program: string,
  ...args: readonly string[]
): [ChildProcess, StreamPair] {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const pair = {
    readable: webStreamOf(child.stdout),
    writable: Writable.toWeb(child.stdin),
  } as unknown as StreamPair;
  return [child, pair];
}

/**
 * `Readable.toWeb` of Bun 1.4.5 throws in its own callbacks, uncaught, if the reader pauses for a turn of
 * the event loop between two chunks.
 */
function webStreamOf(readable: Readable): unknown {
  if (!runsOn("bun")) return Readable.toWeb(readable);
  // Not in every version of TypeScript's types.
  const { from } = ReadableStream as unknown as { from(source: AsyncIterable<unknown>): unknown };
  return from.call(ReadableStream, readable);
}
