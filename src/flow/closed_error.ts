import { ConnectionError } from "../errors.ts";

/** Returns the error of sending after the end of the stream. */
export function closedError(): ConnectionError {
  return new ConnectionError("Cannot send: this side has finished sending", { code: "closed" });
}
