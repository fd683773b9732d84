import type { ConnectionError } from "../errors.ts";

/** Receives the events of the sending half. */
export interface SenderEvents {
  /** A write waits for the system. */
  writeWaits(): void;
  /** `send` begins to return promises that are not resolved yet. */
  backpressure(pending: number): void;
  /** A write has failed, and nothing more can be sent. */
  writeFailed(error: ConnectionError): void;
  /** The rest of a frame cannot be sent: ends the connection. */
  abort(cause: unknown): void;
}
