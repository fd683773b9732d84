import { ConnectionError } from "../errors.ts";

/** Returns a rejected promise that is never reported as unhandled, since it is the network that failed. */
export function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

/** Returns the error of sending after the end of the stream. */
export function closedError(): ConnectionError {
  return new ConnectionError("Cannot send: this side has finished sending", { code: "closed" });
}
