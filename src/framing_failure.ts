import { byteCount } from "./bytes/byte_count.ts";
import type { ByteQueue } from "./bytes/byte_queue.ts";
import { isLength } from "./bytes/is_length.ts";
import { lookalike } from "./bytes/lookalike.ts";
import { printable } from "./bytes/printable.ts";
import {
  FrameTooLargeError,
  FramingError,
  MalformedFrameError,
  TruncatedFrameError,
} from "./errors.ts";
import type { SequenceFramer } from "./framers/sequence_framer.ts";
import type { InvalidFrameHandler } from "./protocol.ts";

/** Number of bytes from which a stream of another protocol is recognized. */
const HINT_BYTES = 8;

/** Maximum number of characters of a framer's own message in an error text. */
const MAX_REASON = 200;

/** Returns the error of a length that a framer returned or implied; `undefined` if the frame may fit. */
export function lengthError(
  length: number | undefined,
  queue: ByteQueue,
  limit: number,
): Error | undefined {
  if (length === undefined ? queue.certain <= limit : length <= limit && isLength(length)) return;
  if (length !== undefined && !(length > limit)) {
    return new TypeError(`Cannot read frame of ${length} bytes: expected a non-negative integer`);
  }
  const offset = queue.frameOffset;
  // A frame may be known to be too long before its end has been found.
  const announced = length !== undefined && !queue.scanned;
  const size = announced ? byteCount(length) : `more than ${byteCount(limit)}`;
  return new FrameTooLargeError(
    `Cannot read frame of ${size} at offset ${offset}: limit is ${limit}${hint(queue)}`,
    { length: announced ? length : limit + 1, limit, offset },
  );
}

/**
 * Returns what a framer threw: as a {@link MalformedFrameError} with the frame's position, if it is a
 * {@link FramingError}. A part of a sequence may be too large.
 *
 * @param skipping Whether the frame is being skipped, so that not all of its bytes are available.
 */
export function malformedError(
  error: unknown,
  queue: ByteQueue,
  framer: SequenceFramer,
  skipping?: unknown,
): unknown {
  if (!(error instanceof FramingError)) return error;
  const offset = queue.frameOffset;
  if (framer.sequence && error instanceof FrameTooLargeError) {
    const { length, limit } = error;
    return new FrameTooLargeError(`Cannot read frame at offset ${offset}: ${error.message}`, {
      length,
      limit,
      offset,
    });
  }
  return malformed(error, offset, skipping ? "" : hint(queue));
}

/** Returns the error of a frame, or of bytes before it, with the reason in another error. */
export function malformed(cause: FramingError, offset: number, hint = ""): MalformedFrameError {
  const reason = printable(cause.message, MAX_REASON);
  return new MalformedFrameError(`Cannot read frame at offset ${offset}: ${reason}${hint}`, {
    offset,
    cause,
  });
}

/** Returns the error of a malformed frame at the start of a queue. */
export function malformedFrame(reason: string, queue: ByteQueue): MalformedFrameError {
  return malformed(new FramingError(reason), queue.frameOffset);
}

/** Reports a run of invalid bytes that the framer has discarded. */
export function reportNoise(queue: ByteQueue, onInvalid: InvalidFrameHandler | undefined): true {
  const { noise } = queue;
  queue.noise = undefined;
  queue.discarded = false;
  if (noise !== undefined) onInvalid?.(malformed(noise, noise.offset));
  return true;
}

/** Returns the error of a stream that ended inside a frame. */
export function truncationError(
  { frameOffset: offset, pending }: Pick<ByteQueue, "frameOffset" | "pending">,
  partial: Uint8Array,
  expectedLength: number | undefined,
): TruncatedFrameError {
  const count = expectedLength === undefined
    ? byteCount(pending)
    : `${pending} of ${byteCount(expectedLength)}`;
  return new TruncatedFrameError(
    `Cannot read frame at offset ${offset}: the stream ended after ${count} of it`,
    { partial, expectedLength, offset },
  );
}

/** Returns the error of reading a frame in parts whose length is known only when its end has arrived. */
export function unknownLengthError(): TypeError {
  return new TypeError("Cannot read body: the framing does not announce its length");
}

/** Returns the error of a loop over frames that consume no input. */
export function emptyFramesError(): RangeError {
  return new RangeError("Cannot iterate over empty frames: they consume no input");
}

/** Describes the bytes that were enough to fail, for the end of an error text. */
function hint(queue: ByteQueue): string {
  const { shown } = queue;
  if (shown > HINT_BYTES) return "";
  const text = queue.scanned || queue.memo !== undefined;
  queue.rewind();
  return lookalike(queue.look(shown)!, text);
}

/**
 * Finds the error that the fewest bytes cause, as if they had arrived one by one, so that the error is the
 * same however the stream is split into chunks. No byte is copied, and searches continue where they were.
 *
 * @param error The error that the bytes shown so far cause.
 */
export function earliestError(
  queue: ByteQueue,
  framer: SequenceFramer,
  limit: number,
  error: unknown,
): unknown {
  const failure = (count: number): unknown => {
    queue.rewind();
    queue.narrow(count);
    try {
      return lengthError(framer.measure(queue), queue, limit);
    } catch (thrown) {
      return malformedError(thrown, queue, framer);
    }
  };
  let fine = queue.known;
  let bad = queue.shown;
  // The cause is probably the first byte over the limit, or the byte that the framer looked at last.
  const guesses = [bad - queue.length + limit, queue.looked];
  let step = 1;
  // The framer's state belongs to an attempt that failed.
  if (bad - fine > 1) queue.memo = undefined;
  while (bad - fine > 1) {
    const guess = guesses.find((count) => count > fine && count < bad);
    const count = guess ?? Math.floor((fine + bad) / 2);
    const earlier = failure(count);
    if (earlier === undefined) {
      fine = count;
      guesses.unshift(count + step);
      step *= 2;
    } else {
      bad = count;
      error = earlier;
      queue.memo = undefined;
    }
  }
  if (bad > HINT_BYTES) return error;
  // The description of the bytes depends on how the framer reads them from the start.
  queue.memo = undefined;
  return failure(bad) ?? error;
}
