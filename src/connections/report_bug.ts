import { CodecError, ConnectionError, FramingError } from "../errors.ts";

/** Prints errors that neither the peer nor the network has caused. */
export function reportBug(error: unknown): void {
  const caused = error instanceof FramingError || error instanceof CodecError ||
    error instanceof ConnectionError;
  if (!caused) console.error(error);
}
