import { ConnectionError, type TimeoutOption } from "../errors.ts";
import type { Progress } from "./progress.ts";

/** Creates the error of a time limit that has expired, in milliseconds. */
export function timeoutError(
  timeout: TimeoutOption,
  limit: number,
  { pending, frameLength: received, expectedLength: expected }: Progress,
): ConnectionError {
  const reason = `${timeout} of ${limit} ms expired`;
  if (timeout === "sendTimeout" || timeout === "closeTimeout") {
    const action = timeout === "sendTimeout" ? "send" : "close";
    return new ConnectionError(`Cannot ${action}: ${reason} with ${pending} bytes pending`, {
      code: "timedOut",
      timeout,
    });
  }
  const of = expected === undefined ? "" : ` of ${expected}`;
  const after = received === 0 ? "" : ` after ${received}${of} bytes`;
  return new ConnectionError(`Cannot receive: ${reason}${after}`, {
    code: "timedOut",
    timeout,
    received,
    expected,
  });
}
