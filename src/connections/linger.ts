import { ConnectionError } from "../errors.ts";
import type { Inbound } from "../streams/inbound.ts";
import type { Outbound } from "./outbound.ts";

/** A peer who takes nothing of what is pending for so long will not take it. */
const SEND_SILENCE = 30_000;

/** A peer who sends nothing for so long, not even its end, is not waited for. */
const RECEIVE_SILENCE = 5_000;

/** Nor is one who goes on sending longer than this. */
const RECEIVE_TIME = 30_000;

/**
 * Sends all that is pending and the end of the stream, then reads on to the peer's end. Who closes a
 * socket with bytes unread, or still to come, makes the system reset the connection, and the peer lose
 * what it has not read yet.
 *
 * @param silence How long a silent peer is borne instead of the defaults, in milliseconds.
 * @throws {ConnectionError} What was pending could not be sent, or not in time.
 */
export async function linger<Message>(
  outbound: Outbound<Message>,
  inbound: Inbound<Message>,
  silence: number | undefined,
): Promise<void> {
  const lost = outbound.pending > 0;
  try {
    await unlessStalled(outbound.closeWrite(), () => outbound.pending, silence ?? SEND_SILENCE);
  } catch (error) {
    if (lost) throw error;
    return;
  }
  let arrived = 0;
  const discarded = inbound.discard(() => arrived++);
  await unlessStalled(discarded, () => arrived, silence ?? RECEIVE_SILENCE, RECEIVE_TIME)
    .catch(() => {});
}

/** Waits for a promise while `progress` changes at least every `silence` milliseconds. */
function unlessStalled(
  promise: Promise<void>,
  progress: () => number,
  silence: number,
  most = Infinity,
): Promise<void> {
  if (silence === Infinity) return promise;
  return new Promise((resolve, reject) => {
    let seen = progress();
    let waited = 0;
    const timer = setInterval(() => {
      const now = progress();
      waited += silence;
      if (now !== seen && waited < most) seen = now;
      else reject(stalled(silence));
    }, silence);
    promise.then(resolve, reject).finally(() => clearInterval(timer));
  });
}

function stalled(silence: number): ConnectionError {
  return new ConnectionError(`Cannot close: the peer has stalled for ${silence} ms`, {
    code: "timedOut",
    timeout: "closeTimeout",
  });
}
