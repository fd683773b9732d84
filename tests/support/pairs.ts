import { openStream } from "./streams.ts";
import { turn } from "./transports.ts";

/** A pair of Web Streams whose writable records its chunks. */
export interface RecordingPair extends ReturnType<typeof openStream> {
  readonly writable: WritableStream<Uint8Array>;
  readonly chunks: Uint8Array[];
  /** The reasons with which the writable was aborted. */
  readonly aborted: unknown[];
}

/** Returns a pair that records each chunk, and then calls `write`. */
export function recordingPair(
  write: (chunk: Uint8Array) => void | Promise<void> = () => {},
): RecordingPair {
  const chunks: Uint8Array[] = [];
  const aborted: unknown[] = [];
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      chunks.push(chunk);
      return write(chunk);
    },
    abort: (reason) => void aborted.push(reason),
  });
  return { ...openStream(), writable, chunks, aborted };
}

/** Returns the value or the error of a promise that settles within two event-loop turns, or `"pending"`. */
export async function soon(promise: unknown): Promise<unknown> {
  const settled = Promise.resolve(promise).then((value) => value, (error) => error);
  return await Promise.race([settled, turn().then(turn).then(() => "pending")]);
}

/** Returns the code of a value that may be an error. */
export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** A promise that never settles. */
export const never: Promise<never> = new Promise(() => {});

/** Returns a promise and its resolvers, since Node 20 has no `Promise.withResolvers`. */
export function settled<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((one, other) => {
    resolve = one;
    reject = other;
  });
  return { promise, resolve, reject };
}
