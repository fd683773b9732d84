import { byteCount } from "../bytes/byte_count.ts";
import { printable } from "../bytes/printable.ts";
import { CodecError } from "../errors.ts";

/** Maximum number of characters of a codec's message, and of a part of it that quotes the frame. */
const MAX_REASON = 96;
const MAX_QUOTED = 32;

/** Number of bytes of a frame in which the text of the message is searched for. */
const SEARCHED = 4096;

/** Returns the error for a frame that a codec cannot decode. */
export function decodingError(frame: Uint8Array, cause: unknown): CodecError {
  return new CodecError(
    `Cannot decode frame of ${byteCount(frame.length)}: ${reasonOf(cause, frame)}`,
    { frame, cause },
  );
}

/** Returns a codec's reason, shortened: it may quote the frame, whose length and content the peer decides. */
function reasonOf(cause: unknown, frame: Uint8Array): string {
  const reason = String(cause instanceof Error ? cause.message : cause).slice(0, MAX_REASON + 1);
  const text = new TextDecoder().decode(frame.subarray(0, SEARCHED));
  for (let at = 0; at + MAX_QUOTED < reason.length; at++) {
    if (text.includes(reason.slice(at, at + MAX_QUOTED + 1))) {
      return printable(reason, at + MAX_QUOTED);
    }
  }
  return printable(reason, MAX_REASON);
}
