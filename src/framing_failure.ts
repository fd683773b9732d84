import type { ByteQueue } from "./bytes/byte_queue.ts";
import { lookalike } from "./bytes/lookalike.ts";
import { printable } from "./bytes/printable.ts";
import {
  FrameTooLargeError,
  FramingError,
  MalformedFrameError,
  TruncatedFrameError,
} from "./errors.ts";
import type { Framer } from "./framers/framer.ts";

/** This many bytes show what a stream looks like. */
const HINT_BYTES = 8;

/** Maximum length of a framer's own message in the text of an error, in characters. */
const MAX_REASON = 200;

/** What is wrong with a framer's answer; `undefined` if nothing is. */
export function misfit(
  length: number | undefined,
  queue: ByteQueue,
  limit: number,
): Error | undefined {
  if (length === undefined ? queue.certain <= limit : length >= 0 && length <= limit) return;
  if (length !== undefined && !(length >= 0)) {
    return new TypeError(`Cannot read frame of ${length} bytes`);
  }
  const offset = queue.frameOffset;
  // The end of a frame need not have been found to know that it is too far away.
  const announced = length !== undefined && !queue.scanned;
  const size = announced ? length : `more than ${limit}`;
  return new FrameTooLargeError(
    `Cannot read frame of ${size} bytes at offset ${offset}: limit is ${limit}${hint(queue)}`,
    { length: announced ? length : limit + 1, limit, offset },
  );
}

/**
 * What a framer threw, with the place where it happened if the bytes are to blame.
 *
 * @param skipping Whether the frame is skipped, so that not all of its bytes are shown.
 */
export function malformed(error: unknown, queue: ByteQueue, skipping?: unknown): unknown {
  if (!(error instanceof FramingError)) return error;
  const offset = queue.frameOffset;
  return new MalformedFrameError(
    `Cannot read frame at offset ${offset}: ${printable(error.message, MAX_REASON)}${
      skipping ? "" : hint(queue)
    }`,
    { offset, cause: error },
  );
}

/** The stream ended inside a frame, of which `partial` is kept. */
export function truncated(
  queue: ByteQueue,
  partial: Uint8Array,
  expectedLength: number | undefined,
): TruncatedFrameError {
  const { frameOffset: offset, pending } = queue;
  const of = expectedLength === undefined ? "" : ` of ${expectedLength}`;
  return new TruncatedFrameError(
    `Cannot read frame at offset ${offset}: the stream ended after ${pending}${of} bytes of it`,
    { partial, expectedLength, offset },
  );
}

/** The error of a loop over frames that take no bytes. */
export function endless(): RangeError {
  return new RangeError("Cannot iterate over empty frames: they consume no input");
}

/** What the bytes look like that were enough to fail, for the end of an error's text. */
function hint(queue: ByteQueue): string {
  const { shown } = queue;
  if (shown > HINT_BYTES) return "";
  const text = queue.scanned || queue.memo !== undefined;
  queue.rewind();
  return lookalike(queue.look(shown)!, text);
}

/**
 * Finds the error that the fewest bytes bring about, as if they had arrived one by one: so an error is
 * the same however they were cut. No byte is copied, and searches know what they have found.
 *
 * @param error What happened with the bytes that are shown.
 */
export function earliest(
  queue: ByteQueue,
  framer: Framer,
  limit: number,
  error: unknown,
): unknown {
  const failure = (count: number): unknown => {
    queue.rewind();
    queue.narrow(count);
    try {
      return misfit(framer.measure(queue), queue, limit);
    } catch (thrown) {
      return malformed(thrown, queue);
    }
  };
  let fine = queue.known;
  let bad = queue.shown;
  // What was too much is probably the first byte over the limit, or the one that was looked at last.
  const guesses = [bad - queue.length + limit, queue.looked];
  let step = 1;
  // What the framer has left there belongs to an attempt that failed.
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
  // What the bytes look like depends on what the framer does with them at first.
  queue.memo = undefined;
  return failure(bad) ?? error;
}
