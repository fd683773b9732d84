/** An error as the system would make it, by its code. */
export function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
