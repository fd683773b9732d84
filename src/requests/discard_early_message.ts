import type { Connection } from "../connections/connection.ts";
import { CodecError } from "../errors.ts";

/** Microtasks within which `receive` returns a message that the transport has read already. */
const RECEIVE_MICROTASKS = 5;

/**
 * Receives and discards a message that has already arrived.
 *
 * @returns Whether there was one; `"end"` if the peer has closed.
 * @throws {FramingError | ConnectionError} As `receive` does.
 */
export async function discardEarlyMessage(
  connection: Connection<unknown, never>,
): Promise<"message" | "nothing" | "end"> {
  const controller = new AbortController();
  const { signal } = controller;
  const receiving = connection.receive({ signal });
  receiving.catch(() => {});
  for (let count = 0; count < RECEIVE_MICROTASKS; count++) await undefined;
  controller.abort();
  try {
    return await receiving === undefined ? "end" : "message";
  } catch (error) {
    if (error === signal.reason) return "nothing";
    if (error instanceof CodecError) return "message";
    throw error;
  }
}
