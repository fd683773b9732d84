import type { ConnectionError } from "../errors.ts";

/** Receives the events of the sending half. */
export interface SenderEvents {
  /** A write has to wait for the system. */
  writeWaits(): void;
  /** `send` begins to ask to wait. */
  backpressure(pending: number): void;
  /** A write has failed, and nothing can be sent any more. */
  writeFailed(error: ConnectionError): void;
}
