import type { ByteQueue } from "../bytes/byte_queue.ts";
import { printable } from "../bytes/printable.ts";
import { CodecError } from "../errors.ts";
import type { ChunkCodec } from "./chunk_codec.ts";

/** How much of a codec's message is repeated, in characters, and how much of a frame it may quote. */
const MOST_REASON = 96;
const MOST_QUOTED = 32;

/** How much of a frame is searched for in the message. */
const SEARCHED = 4096;

/**
 * Returns the message of the frame that a queue's framer has found last.
 *
 * @throws {CodecError} The codec has thrown an error, which is the cause.
 * @throws {TypeError} The codec has returned `undefined`, which stands for "not yet".
 */
export function decodeFrame<In>(codec: ChunkCodec<Uint8Array, In, never>, queue: ByteQueue): In {
  let message: In;
  try {
    const chunk = codec.decodeIn === undefined ? undefined : queue.chunk;
    message = chunk === undefined
      ? codec.decode(queue.keep())
      : codec.decodeIn!(chunk, queue.takenStart, queue.takenEnd);
  } catch (cause) {
    const frame = queue.keep();
    throw new CodecError(
      `Cannot decode frame of ${frame.length} bytes: ${reasonOf(cause, frame)}`,
      {
        frame,
        cause,
      },
    );
  }
  if (message === undefined) {
    throw new TypeError("Cannot decode frame: its codec returned undefined");
  }
  return message;
}

/** What a codec threw, which may quote the frame at any length, and all that a stranger has put there. */
function reasonOf(cause: unknown, frame: Uint8Array): string {
  const reason = String(cause instanceof Error ? cause.message : cause).slice(0, MOST_REASON + 1);
  const text = new TextDecoder().decode(frame.subarray(0, SEARCHED));
  for (let at = 0; at + MOST_QUOTED < reason.length; at++) {
    if (text.includes(reason.slice(at, at + MOST_QUOTED + 1))) {
      return printable(reason, at + MOST_QUOTED);
    }
  }
  return printable(reason, MOST_REASON);
}
