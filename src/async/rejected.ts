/** Returns a rejected promise that is never reported as unhandled, since it is the network that failed. */
export function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
