import { FramingError } from "../errors.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import type { ProtocolParts } from "../protocol.ts";
import { sameValue, shown } from "./same_value.ts";

/** A protocol whose messages have any type. */
export type AnyProtocol = ProtocolParts<unknown, never>;

/** A case that is being verified. */
export interface Subject {
  readonly name: string;
  /** Returns the protocol for another stream. */
  readonly create: () => AnyProtocol;
  /** Whether all streams share one protocol. */
  readonly shared: boolean;
  /** Whether `onInvalid` is given, so that errors which cost one message are reported instead of thrown. */
  readonly reporting: boolean;
  readonly endsAnywhere: boolean;
  readonly stream: Uint8Array;
  readonly messages: readonly unknown[];
  /** Offsets of the ends of the messages. */
  readonly ends: readonly number[];
  /** The expected reports, as texts. */
  readonly reports: readonly string[];
  /** The expected error after the messages, as text. */
  readonly error: string | undefined;
}

/** What a stream has given. */
export interface Outcome {
  readonly messages: readonly unknown[];
  /** The errors that were reported. */
  readonly reports: readonly unknown[];
  /** The error after the messages. */
  readonly error: unknown;
}

/** Returns the frames of the stream; those of a sequence are whole messages. */
export function framesOf({ framer }: AnyProtocol, stream: Uint8Array): Uint8Array[] {
  const decoder = new FrameDecoder({ framer, maxFrameLength: Infinity });
  const frames: Uint8Array[] = [];
  try {
    decoder.push(stream);
    decoder.end();
    for (const frame of decoder) frames.push(frame);
  } catch {
    // What ends the stream is verified by others.
  }
  return frames;
}

/** Verifies that the messages, the reports and the error are the expected ones. */
export function compare(subject: Subject, outcome: Outcome, how: string): void {
  const { name, messages: expected } = subject;
  const { messages, reports, error } = outcome;
  const where = `${name}, ${how}`;
  const cause = error ?? reports[0];
  for (let index = 0; index < Math.max(messages.length, expected.length); index++) {
    if (sameValue(messages[index], expected[index])) continue;
    const after = cause === undefined ? "" : `, with ${cause}`;
    fail(
      where,
      `message ${index} is ${shown(messages[index])}, not ${shown(expected[index])}${after}`,
      cause,
    );
  }
  if (described(error) !== subject.error) {
    fail(where, `failed: ${error}, not ${subject.error}`, error);
  }
  const texts = reports.map(described);
  if (!sameValue(texts, subject.reports)) {
    fail(where, `reported ${shown(texts)}, not ${shown(subject.reports)}`, cause);
  }
}

/** Returns an error as text, with its offset. */
export function described(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof FramingError ? `${error} (offset ${error.offset})` : `${error}`;
}

/** Throws the error of a protocol that fails verification. */
export function fail(where: string, what: string, cause?: unknown): never {
  throw new Error(`Protocol fails verification: ${where}: ${what}`, { cause });
}
