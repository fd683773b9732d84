import { printable } from "../bytes/printable.ts";
import { CodecError } from "../errors.ts";

/** Maximum length of a codec's message in the text, and of the part that quotes the frame, in characters. */
const MOST_REASON = 96;
const MOST_QUOTED = 32;

/** Number of bytes of a frame that are searched for in the message. */
const SEARCHED = 4096;

/** The error of a frame that a codec cannot decode. */
export function undecodable(frame: Uint8Array, cause: unknown): CodecError {
  return new CodecError(
    `Cannot decode frame of ${frame.length} bytes: ${reasonOf(cause, frame)}`,
    { frame, cause },
  );
}

/** The reason that a codec gives, which may quote any length of a frame, and whatever a peer has put there. */
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
